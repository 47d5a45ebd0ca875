import type { Message } from '../sqs/message.ts';

/**
 * Where changes go to last longer than the process. The state itself lives in memory and is read only
 * there; what is written here is in the order of the changes.
 */
export interface MessageStorage {
  saveMessage(queueName: string, message: Message): void;
  removeMessage(queueName: string, messageId: string): void;
}

export interface Storage extends MessageStorage {
  /** Resolves when everything written so far is kept: before that no call is answered. Undefined: it is. */
  committed(): Promise<void> | undefined;
}
