import { ApiError } from '../api-error.ts';
import { invalidValue } from '../parse-input.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';

/** A receipt handle names its queue, its message and the one receive that it came from. */
export function receiptHandle(queue: Queue, message: Message): string {
  return Buffer.from(
    ['v1', queue.name, queue.createdAtMs, message.id, message.receiptNonce].join('/'),
  ).toString('base64');
}

const partsOf = (handle: string) => Buffer.from(handle, 'base64').toString().split('/');

/** The message that a receipt names; nothing is checked. */
export const messageIdIn = (handle: string): string => partsOf(handle)[3] ?? '';

/** The message that a receipt of this queue names. Undefined: it is no longer there. @throws ApiError */
function readReceipt(queue: Queue, handle: string): Message | undefined {
  const [version, name, createdAtMs, messageId = '', nonce, ...more] = partsOf(handle);
  const ours =
    version === 'v1' &&
    name === queue.name &&
    createdAtMs === String(queue.createdAtMs) &&
    nonce !== undefined &&
    more.length === 0;
  if (!ours) {
    throw new ApiError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle}" is not a valid receipt handle.`,
    );
  }
  const message = queue.find(messageId);
  if (queue.fifo && message !== undefined && !isInForce(message, nonce)) {
    throw invalidValue('ReceiptHandle', handle, 'The receipt handle has expired.');
  }
  return message;
}

/** False once its time-out has passed or the message was received again, which ends a receipt of a FIFO queue. */
const isInForce = ({ state, receiptNonce }: Message, nonce: string) =>
  state === 'in-flight' && receiptNonce === nonce;

/**
 * Deletes by receipt. On a standard queue an older receipt deletes, too, whoever has the message by then; SQS
 * documents that it may ("the request succeeds, but the message might not be deleted").
 */
export function deleteByReceipt(queue: Queue, handle: string): void {
  const message = readReceipt(queue, handle);
  if (message !== undefined) queue.delete(message);
}

/** The longest that a message may stay invisible, counted from its receive. */
const MAX_VISIBILITY_MS = 43_200_000;

/**
 * Changes by receipt how long a message stays invisible. On a standard queue that works, as it does on SQS, also
 * after the time-out has passed, which makes the message invisible again, and with an older receipt, whoever
 * has the message by then.
 */
export function changeVisibilityByReceipt(queue: Queue, handle: string, seconds: number): void {
  const message = readReceipt(queue, handle);
  if (message === undefined) {
    throw invalidValue(
      'ReceiptHandle',
      handle,
      'Message does not exist or is not available for visibility timeout change.',
    );
  }
  const hiddenForMs =
    message.state === 'in-flight' ? queue.nowMs() - (message.lastReceivedAtMs ?? 0) : 0;
  if (hiddenForMs + seconds * 1000 > MAX_VISIBILITY_MS && seconds > 0) {
    throw invalidValue(
      'VisibilityTimeout',
      seconds,
      'Total VisibilityTimeout for the message is beyond the limit [43200 seconds]',
    );
  }
  queue.changeVisibility(message, seconds * 1000);
}
