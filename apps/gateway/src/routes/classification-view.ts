import type { StoredResult } from '@labelfleet/contracts';
import type { QueuedImage } from '../accept/image-store.ts';
import type { QueueEstimate } from '../estimate/queue-estimate.ts';

export const classificationPath = (requestId: string): string => `/v1/classifications/${requestId}`;

const links = (requestId: string) => ({ self: classificationPath(requestId) });

/** A completed request, as callers see it. */
export const completedView = (result: StoredResult) => ({
  ...result,
  // JSON omits undefined: these fields are internal.
  v: undefined,
  caller: undefined,
  links: links(result.id),
});

interface Named extends Omit<QueuedImage, 'options'> {
  options: { fileName?: string | undefined };
}

/** A request without a result, as callers see it. */
export function queuedView(
  { requestId, submittedAt, options: { fileName } }: Named,
  estimate?: QueueEstimate,
) {
  return {
    id: requestId,
    status: 'queued',
    ...(fileName !== undefined && { fileName }),
    submittedAt: submittedAt.toISOString(),
    ...estimate,
    links: links(requestId),
  } as const;
}
