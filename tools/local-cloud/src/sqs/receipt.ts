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

interface Receipt {
  /** Undefined: the message is no longer in the queue. */
  message: Message | undefined;
  /** False once the message has been received again. */
  newest: boolean;
}

/** @throws ApiError for what is no receipt handle of this queue */
function readReceipt(queue: Queue, handle: string): Receipt {
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
      `The input receipt handle "${handle}" is not valid.`,
    );
  }
  const message = queue.find(messageId);
  return { message, newest: message?.receiptNonce === nonce };
}

/**
 * Deletes by receipt. On a standard queue an older receipt succeeds and deletes nothing, as SQS allows ("the
 * request succeeds, but the message might not be deleted"); a FIFO queue refuses one whose time has run out.
 */
export function deleteByReceipt(queue: Queue, handle: string): void {
  const { message, newest } = readReceipt(queue, handle);
  if (message === undefined) return;
  if (queue.fifo && (!newest || message.state !== 'in-flight')) {
    throw invalidValue('ReceiptHandle', handle, 'The receipt handle has expired.');
  }
  if (newest) queue.delete(message);
}

/** The longest that a message may stay invisible, counted from its receive. */
const MAX_VISIBILITY_MS = 43_200_000;

export function changeVisibilityByReceipt(queue: Queue, handle: string, seconds: number): void {
  const { message, newest } = readReceipt(queue, handle);
  if (message === undefined || (!newest && message.state === 'in-flight')) {
    throw invalidValue(
      'ReceiptHandle',
      handle,
      'Message does not exist or is not available for visibility timeout change.',
    );
  }
  if (message.state !== 'in-flight') {
    throw new ApiError('MessageNotInflight', 'The specified message is not in flight.');
  }
  const hiddenForMs = Date.now() - (message.lastReceivedAtMs ?? 0);
  if (hiddenForMs + seconds * 1000 > MAX_VISIBILITY_MS && seconds > 0) {
    throw invalidValue(
      'VisibilityTimeout',
      seconds,
      'Total VisibilityTimeout for the message is beyond the limit [43200 seconds]',
    );
  }
  queue.changeVisibility(message, seconds * 1000);
}
