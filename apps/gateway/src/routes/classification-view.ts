import type { StoredResult } from '@labelfleet/contracts';
import type { QueuedImage } from '../accept/image-store.ts';
import type { QueueEstimate } from '../estimate/queue-estimate.ts';

/** @param basePath the path at which clients see the gateway's own `/`; every URL that it makes begins with it */
export const classificationPath = (basePath: string, requestId: string): string =>
  `${basePath}/v1/classifications/${requestId}`;

const links = (basePath: string, requestId: string) => ({
  self: classificationPath(basePath, requestId),
});

/** A completed request, as callers see it. */
export const completedView = (result: StoredResult, basePath: string) => ({
  ...result,
  // JSON omits undefined: these fields are internal.
  v: undefined,
  caller: undefined,
  links: links(basePath, result.id),
});

interface Named extends Omit<QueuedImage, 'options'> {
  options: { fileName?: string | undefined };
}

/** A request without a result, as callers see it. */
export function queuedView(
  { requestId, submittedAt, options: { fileName } }: Named,
  basePath: string,
  estimate?: QueueEstimate,
) {
  return {
    id: requestId,
    status: 'queued',
    ...(fileName !== undefined && { fileName }),
    submittedAt: submittedAt.toISOString(),
    ...estimate,
    links: links(basePath, requestId),
  } as const;
}
