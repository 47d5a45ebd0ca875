import { call, type CallOptions } from './call.ts';
import { encodeImage, idempotencyKeyOf, type Image } from './image.ts';
import type { Target } from './target.ts';
import type { Classification } from './wire.ts';

export interface SubmitOptions extends CallOptions {
  /** How many predictions a result has: 1 to 10. */
  topK?: number | undefined;
  /** The share of right answers below which the label is unknown: 0.5 to 0.99. */
  minPrecision?: number | undefined;
  /** After this time the result is useless. */
  deadlineSeconds?: number | undefined;
  /** The name of the webhook receiver that is notified of the result. */
  notify?: string | undefined;
}

/** As long as the gateway waits for an upload, and for the result. */
const UPLOAD_TIMEOUT_MS = 120_000;
const MARGIN_MS = 15_000;

/**
 * Sends an image, again if necessary, as one request.
 * @param waitSeconds how long the answer waits for the result
 */
export async function submit(
  target: Target,
  image: Image,
  waitSeconds: number,
  options: SubmitOptions = {},
): Promise<Classification> {
  const { body, headers } = await encodeImage(image);
  const key = idempotencyKeyOf(image);
  const { deadlineSeconds } = options;
  return await call<Classification>(
    within(target, deadlineSeconds),
    (elapsedMs) => ({
      method: 'POST',
      path: `v1/classifications${queryOf(options)}`,
      body,
      headers: {
        ...headers,
        'idempotency-key': key,
        prefer: waitSeconds === 0 ? 'respond-async' : `wait=${waitSeconds}`,
        ...(deadlineSeconds !== undefined && {
          'x-deadline-seconds': String(Math.max(1, Math.ceil(deadlineSeconds - elapsedMs / 1000))),
        }),
        ...(options.notify !== undefined && { notify: options.notify }),
      },
      timeoutMs: UPLOAD_TIMEOUT_MS + waitSeconds * 1000 + MARGIN_MS,
    }),
    options,
  );
}

/** Nothing is repeated after the deadline. */
const within = (target: Target, seconds = Infinity): Target => ({
  ...target,
  giveUpAfterMs: Math.min(target.giveUpAfterMs, seconds * 1000),
});

function queryOf({ topK, minPrecision }: SubmitOptions): string {
  const query = new URLSearchParams();
  if (topK !== undefined) query.set('topK', String(topK));
  if (minPrecision !== undefined) query.set('minPrecision', String(minPrecision));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
