import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import { decodeWebhookMessage, webhookId, type WebhookMessage } from '@labelfleet/contracts';

export interface DeadLetter {
  received: ReceivedMessage;
  /** Undefined: the body is no webhook message of this version. */
  message: WebhookMessage | undefined;
  /** The webhook's id, or that of a message that is none. */
  id: string;
}

/** Long enough to read a full queue. What is not deleted is released before. */
const RECEIVE = { maxMessages: 10, waitSeconds: 1, visibilityTimeoutSeconds: 600 };

/** Receives all dead letters, has them handled, and releases them: the queue keeps those that were not deleted. */
export async function withDeadLetters<T>(
  queue: Pick<Queue, 'receive' | 'retryIn'>,
  handle: (letters: DeadLetter[]) => Promise<T>,
): Promise<T> {
  const letters: DeadLetter[] = [];
  try {
    for (;;) {
      const received = await queue.receive(RECEIVE);
      if (received.length === 0) break;
      letters.push(...received.map(asDeadLetter));
    }
    return await handle(letters);
  } finally {
    await Promise.all(letters.map(({ received }) => queue.retryIn(received.receipt, 0)));
  }
}

function asDeadLetter(received: ReceivedMessage): DeadLetter {
  const decoded = decodeWebhookMessage(received.body);
  if (decoded.kind === 'malformed') return { received, message: undefined, id: received.messageId };
  return { received, message: decoded.value, id: webhookId(decoded.value) };
}
