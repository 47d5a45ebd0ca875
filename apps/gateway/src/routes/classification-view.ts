import type { StoredResult } from '@labelfleet/contracts';
import type { QueuedImage } from '../accept/image-store.ts';

export const classificationPath = (requestId: string): string => `/v1/classifications/${requestId}`;

const links = (requestId: string) => ({ self: classificationPath(requestId) });

/** A completed request, as callers see it. */
export const completedView = (result: StoredResult) => ({
  ...result,
  // JSON omits undefined: the version of the stored format is internal.
  v: undefined,
  links: links(result.id),
});

/** A request without a result, as callers see it. */
export function queuedView({ requestId, fileName, submittedAt }: QueuedImage) {
  return {
    id: requestId,
    status: 'queued',
    ...(fileName !== undefined && { fileName }),
    submittedAt: submittedAt.toISOString(),
    links: links(requestId),
  } as const;
}
