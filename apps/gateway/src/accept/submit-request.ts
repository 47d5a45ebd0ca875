import { isTransient } from '@labelfleet/aws/errors';
import type { Queue } from '@labelfleet/aws/queue';
import { encodeRequestMessage, requestIdTime } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import type { AwsHealth } from '../http/aws-health.ts';
import type { ImageStore } from './image-store.ts';
import type { Metrics } from '../metrics.ts';
import {
  REPLY_EXPECTED_ELSEWHERE,
  type PendingReplies,
  type Waiter,
} from '../replies/pending-replies.ts';
import { refuseOverloaded, type Refusal } from '../http/problem.ts';
import type { Upload } from '../upload/read-upload.ts';

export interface SubmitDeps {
  images: Pick<ImageStore, 'put'>;
  requests: Pick<Queue, 'send'>;
  pending: Pick<PendingReplies, 'register'>;
  /** The queue that replies to this gateway go to. */
  replyQueue: { readonly url: string };
  health: Pick<AwsHealth, 'suspect'>;
  /** A monotonic clock. */
  monotonicMs: () => number;
  metrics: Pick<Metrics, 'storeSeconds' | 'sendSeconds'>;
}

export interface SubmittedRequest {
  requestId: string;
  upload: Upload;
  topK: number;
  deadline: Date | undefined;
  traceparent: string;
  /**
   * An id of its own for every send after the first (P7). Undefined: the first, which there is once for a
   * request, by the process that made its id.
   */
  repeatedBy?: string;
  /** By the monotonic clock: what is not sent by then is refused, as another may send it after that. */
  sendByMs?: number;
}

/**
 * Stores an image and queues its request. Accepted means that the request queue acknowledged the message
 * (P1); what fails before that is refused, and its caller may repeat it.
 * @returns the accepted request's waiter, registered before the send so that no reply is missed; the caller disposes it
 */
export async function submitRequest(
  { images, requests, pending, replyQueue, health, monotonicMs, metrics }: SubmitDeps,
  {
    requestId,
    upload,
    topK,
    deadline,
    traceparent,
    repeatedBy,
    sendByMs = Infinity,
  }: SubmittedRequest,
  log: Logger,
): Promise<{ kind: 'accepted'; waiter: Waiter } | Refusal> {
  const resent = repeatedBy !== undefined;
  const order = {
    ...(upload.fileName !== undefined && { fileName: upload.fileName }),
    topK,
    replyTo: replyQueue.url,
    ...(deadline !== undefined && { deadlineAt: deadline.toISOString() }),
  };
  let imageKey: string;
  try {
    imageKey = await timed(metrics.storeSeconds, () =>
      images.put(requestId, upload, { ...order, traceparent }),
    );
  } catch (error) {
    health.suspect();
    log.error({ error }, 'the image could not be stored');
    return refuseOverloaded('The image could not be stored. Try again shortly.');
  }
  const body = encodeRequestMessage({
    v: 1,
    requestId,
    imageKey,
    ...order,
    submittedAt: requestIdTime(requestId).toISOString(),
    ...(resent && { resent }),
  });
  if (monotonicMs() > sendByMs) {
    log.warn({ event: 'request.too-late-to-send' }, 'storing took too long to send');
    return refuseOverloaded(
      'Storing the image took too long; it was not accepted. Try again shortly.',
    );
  }
  // The reply to a request that is sent twice goes to whoever sent the message that was answered.
  const waiter = pending.register(requestId, resent ? REPLY_EXPECTED_ELSEWHERE : undefined);
  try {
    await timed(metrics.sendSeconds, () =>
      requests.send({
        body,
        attributes: { traceparent },
        groupId: requestId,
        // A FIFO queue would drop a second message with the id of the first.
        deduplicationId: repeatedBy ?? requestId,
      }),
    );
  } catch (error) {
    waiter[Symbol.dispose]();
    health.suspect();
    log.error({ error }, 'the request could not be queued');
    return refuseOverloaded(isTransient(error) ? UNCLEAR_SEND : NOT_QUEUED);
  }
  log.info({ imageKey, bytes: upload.bytes.length, deadline, traceparent, resent }, 'accepted');
  return { kind: 'accepted', waiter };
}

const NOT_QUEUED = 'The request could not be queued, and was not accepted. Try again shortly.';
/** The message may have reached the queue although nothing came back. */
const UNCLEAR_SEND =
  'The queue did not acknowledge the request; it may have been accepted. Repeat it with the same Idempotency-Key, and the image is classified once. Without a key, a repeat may classify it twice.';

async function timed<T>(seconds: Metrics['sendSeconds'], call: () => Promise<T>): Promise<T> {
  const end = seconds.startTimer();
  try {
    const value = await call();
    end({ outcome: 'done' });
    return value;
  } catch (error) {
    end({ outcome: 'failed' });
    throw error;
  }
}
