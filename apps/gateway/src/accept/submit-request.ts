import { isTransient } from '@labelfleet/aws/errors';
import type { Queue } from '@labelfleet/aws/queue';
import {
  encodeRequestMessage,
  MAX_INLINE_IMAGE_BYTES,
  requestIdTime,
  type RequestOptions,
} from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import {
  inSpan,
  messagingAttributes,
  messagingSpanName,
  type Tracing,
} from '@labelfleet/telemetry';
import type { AwsHealth } from '../http/aws-health.ts';
import type { ImageStore } from './image-store.ts';
import type { Metrics } from '../metrics.ts';
import {
  REPLY_EXPECTED_ELSEWHERE,
  type PendingReplies,
  type Waiter,
} from '../replies/pending-replies.ts';
import { refuseOverloaded, type Refusal } from '../http/problem.ts';
import { traceIdOf } from '../http/traceparent.ts';
import type { Upload } from '../upload/judge-file.ts';

export interface SubmitDeps {
  images: Pick<ImageStore, 'put'>;
  requests: Pick<Queue, 'send' | 'url'>;
  pending: Pick<PendingReplies, 'register'>;
  /** The queue that receives the replies for this gateway. */
  replyQueue: { readonly url: string };
  health: Pick<AwsHealth, 'suspect'>;
  /** A monotonic clock. */
  monotonicMs: () => number;
  metrics: Pick<Metrics, 'storeSeconds' | 'sendSeconds'>;
  /** Undefined: no traces. */
  tracing: Tracing | undefined;
}

export interface NewRequest {
  requestId: string;
  image: Pick<Upload, 'bytes' | 'mediaType'>;
  options: RequestOptions;
  traceparent: string;
}

export interface SubmittedRequest extends NewRequest {
  /**
   * A new id for every send after the first (P7). Undefined for the first send, which only the process that made
   * the request id does, once.
   */
  repeatedBy?: string;
  /** On the monotonic clock. A request not sent by then is refused, because another gateway may send it later. */
  sendByMs?: number;
}

/**
 * Stores an image and queues its request. The request is accepted when the request queue acknowledges the message
 * (P1). A failure before that refuses it, and the caller may repeat it.
 * @returns the accepted request's waiter, registered before the send so that no reply is missed; the caller disposes it
 */
export async function submitRequest(
  { images, requests, pending, replyQueue, health, monotonicMs, metrics, tracing }: SubmitDeps,
  { requestId, image, options, traceparent, repeatedBy, sendByMs = Infinity }: SubmittedRequest,
  log: Logger,
): Promise<{ kind: 'accepted'; waiter: Waiter } | Refusal> {
  const resent = repeatedBy !== undefined;
  const fields = { ...options, replyTo: replyQueue.url };
  let imageKey: string;
  try {
    const span = { kind: 'client', parent: traceparent } as const;
    imageKey = await timed(metrics.storeSeconds, () =>
      inSpan(tracing, 'store image', span, () =>
        images.put(requestId, image, { ...fields, traceparent }),
      ),
    );
  } catch (error) {
    health.suspect();
    log.warn({ event: 'image.store-failed', error }, 'image not stored');
    return refuseOverloaded('The image could not be stored. Try again shortly.');
  }
  const body = encodeRequestMessage({
    v: 1,
    requestId,
    imageKey,
    ...(image.bytes.length <= MAX_INLINE_IMAGE_BYTES && { image: base64Of(image.bytes) }),
    ...fields,
    submittedAt: requestIdTime(requestId).toISOString(),
    ...(resent && { resent }),
  });
  if (monotonicMs() > sendByMs) {
    log.warn({ event: 'request.too-late-to-send' }, 'image stored too late to send its request');
    return refuseOverloaded(
      'Storing the image took longer than 10 s, so the request was not accepted. Try again shortly.',
    );
  }
  // The reply to a request that was sent twice goes to the gateway whose message the worker handled.
  const waiter = pending.register(requestId, resent ? REPLY_EXPECTED_ELSEWHERE : undefined);
  try {
    const span = {
      kind: 'producer',
      parent: traceparent,
      attributes: {
        ...messagingAttributes('send', requests),
        'labelfleet.request.id': requestId,
      },
    } as const;
    await timed(metrics.sendSeconds, () =>
      inSpan(tracing, messagingSpanName('send', requests), span, (sending) =>
        requests.send({
          body,
          attributes: { traceparent: sending?.traceparent ?? traceparent },
          groupId: requestId,
          // A FIFO queue would drop a second message with the id of the first.
          deduplicationId: repeatedBy ?? requestId,
        }),
      ),
    );
  } catch (error) {
    waiter[Symbol.dispose]();
    health.suspect();
    log.warn({ event: 'request.send-failed', error }, 'request not queued');
    return refuseOverloaded(isTransient(error) ? UNCLEAR_SEND : NOT_QUEUED);
  }
  log.info(
    {
      event: 'request.accepted',
      imageKey,
      bytes: image.bytes.length,
      deadline: options.deadlineAt,
      traceId: traceIdOf(traceparent),
      resent,
    },
    'request accepted',
  );
  return { kind: 'accepted', waiter };
}

const NOT_QUEUED = 'The request could not be queued, so it was not accepted. Try again shortly.';
/** The message may be on the queue even though its acknowledgement was lost. */
const UNCLEAR_SEND =
  'The queue did not acknowledge the request; it may have been accepted. Repeat it with the same Idempotency-Key, and the image is classified once. Without a key, a repeat may classify it twice.';

const base64Of = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

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
