import type { Queue } from '@labelfleet/aws/queue';
import { encodeRequestMessage, requestIdTime } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import type { ImageStore } from './image-store.ts';
import type { Metrics } from './metrics.ts';
import type { PendingReplies, Waiter } from './pending-replies.ts';
import { refuseOverloaded, type Refusal } from './problem.ts';
import type { Upload } from './upload/read-upload.ts';

export interface SubmitParts {
  images: Pick<ImageStore, 'put'>;
  requests: Pick<Queue, 'send'>;
  pending: Pick<PendingReplies, 'register'>;
  /** URL of the queue that replies to this gateway go to. */
  replyTo: string;
  metrics: Pick<Metrics, 'storeSeconds' | 'sendSeconds'>;
}

interface Submission {
  requestId: string;
  upload: Upload;
  topK: number;
  deadline: Date | undefined;
  traceparent: string;
}

/**
 * Stores an image and queues its request. Accepted means that the request queue acknowledged the message
 * (P1); what fails before that is refused, and its caller may repeat it.
 * @returns the accepted request's waiter, registered before the send so that no reply is missed; the caller disposes it
 */
export async function submitRequest(
  { images, requests, pending, replyTo, metrics }: SubmitParts,
  { requestId, upload, topK, deadline, traceparent }: Submission,
  log: Logger,
): Promise<{ kind: 'accepted'; waiter: Waiter } | Refusal> {
  let imageKey: string;
  try {
    imageKey = await timed(metrics.storeSeconds, () => images.put(requestId, upload));
  } catch (error) {
    log.error({ error }, 'the image could not be stored');
    return refuseOverloaded('The image could not be stored. Try again shortly.');
  }
  const body = encodeRequestMessage({
    v: 1,
    requestId,
    imageKey,
    ...(upload.fileName !== undefined && { fileName: upload.fileName }),
    topK,
    replyTo,
    submittedAt: requestIdTime(requestId).toISOString(),
    ...(deadline !== undefined && { deadlineAt: deadline.toISOString() }),
  });
  const waiter = pending.register(requestId);
  try {
    await timed(metrics.sendSeconds, () =>
      requests.send({
        body,
        attributes: { traceparent },
        groupId: requestId,
        deduplicationId: requestId,
      }),
    );
  } catch (error) {
    waiter[Symbol.dispose]();
    log.error({ error }, 'the request could not be queued');
    return refuseOverloaded('The request could not be queued. Try again shortly.');
  }
  log.info({ imageKey, bytes: upload.bytes.length, deadline, traceparent }, 'accepted');
  return { kind: 'accepted', waiter };
}

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
