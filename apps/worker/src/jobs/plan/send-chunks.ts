import type { Queue } from '@labelfleet/aws/queue';
import { encodeJobMessage, type JobPage } from '@labelfleet/contracts';
import { inPlace } from '../in-place.ts';
import type { HandlingEnds, JobDeps } from '../job-deps.ts';

export interface SendDeps extends JobDeps {
  batchQueue: Pick<Queue, 'send'>;
}

/**
 * Sends the messages of some chunks of a page together, so that they share a call. Each send after the first says so,
 * because the first may have taken effect.
 */
export async function sendChunks(
  job: string,
  { page: { page }, chunks, resent }: { page: JobPage; chunks: readonly number[]; resent: boolean },
  ends: HandlingEnds,
  deps: SendDeps,
): Promise<void> {
  const send = (chunk: number) => {
    let isRepeat = resent;
    return inPlace(
      'send-chunk',
      () => {
        const repeat = isRepeat && ({ resent: true } as const);
        isRepeat = true;
        const body = encodeJobMessage({ v: 1, type: 'chunk', job, page, chunk, ...repeat });
        return deps.batchQueue.send({ body });
      },
      ends,
      deps,
    );
  };
  // None may go on after this call has failed.
  for (const outcome of await Promise.allSettled(chunks.map(send)))
    if (outcome.status === 'rejected') throw outcome.reason;
}
