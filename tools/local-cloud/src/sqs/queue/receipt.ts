import { ApiError } from '../../api-error.ts';
import { invalidValue } from '../../parse-input.ts';
import type { Message } from '../message/message.ts';
import type { Queue } from './queue.ts';

/** A receipt handle identifies its queue, its message and the receive that returned it. */
export function receiptHandle(queue: Queue, message: Message): string {
  return Buffer.from(
    ['v1', queue.name, queue.createdAtMs, message.id, message.receiptNonce].join('/'),
  ).toString('base64');
}

const partsOf = (handle: string) => Buffer.from(handle, 'base64').toString().split('/');

/** Returns the message id of a receipt without checks. */
export const messageIdIn = (handle: string): string => partsOf(handle)[3] ?? '';

/** Returns the message of a receipt of this queue; undefined if it does not exist any more. @throws ApiError */
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

/** False if the visibility timeout is over or the message was received again; a FIFO queue's receipt is then invalid. */
const isInForce = ({ state, receiptNonce }: Message, nonce: string) =>
  state === 'in-flight' && receiptNonce === nonce;

/**
 * Deletes by receipt. On a standard queue, an older receipt deletes the message too, even if another consumer has
 * received it. SQS documents that it may ("the request succeeds, but the message might not be deleted").
 */
export function deleteByReceipt(queue: Queue, handle: string): void {
  const message = readReceipt(queue, handle);
  if (message !== undefined) queue.delete(message);
}

/** The longest time that a message may stay invisible after its receive. */
const MAX_VISIBILITY_MS = 43_200_000;

/**
 * Changes a message's visibility timeout by receipt. On a standard queue, like on SQS, this also works after the timeout
 * is over, which makes the message invisible again, and with an older receipt, even if another consumer has received
 * the message.
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
