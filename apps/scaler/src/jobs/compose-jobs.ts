import { JobStore } from '@labelfleet/jobs';
import type { Webhooks } from '../dead-letters/notify.ts';
import type { Deps } from '../deps.ts';
import { resendJobDeadLetters } from './job-dead-letters.ts';
import { JobLooks } from './job-looks.ts';
import { JobRepair } from './job-repair.ts';
import { JobWatch } from './job-watch.ts';

/**
 * Undefined: there is no batch queue.
 * @param leader repairs jobs while it leads; undefined in a dry run, which repairs nothing
 */
export function composeJobs(
  { config, sqs, s3, metrics, log, clock }: Deps,
  leader?: { leads: () => boolean; webhooks: Webhooks; signal: AbortSignal },
): JobWatch | undefined {
  const { batch } = config;
  if (batch === undefined) return undefined;
  const batchQueue = sqs.queue(batch.queueUrl);
  const deadLetters = sqs.queue(batch.deadLetterQueueUrl);
  const jobs = new JobStore(s3.store(config.stateBucket));
  const common = { metrics, log, clock };
  const repair =
    leader &&
    new JobRepair({
      ...common,
      ...{ batchQueue, jobs },
      leads: leader.leads,
      webhooks: leader.webhooks,
      resendDeadLetters: () =>
        resendJobDeadLetters({ ...common, deadLetters, batchQueue, jobs }, leader.signal),
    });
  return new JobWatch({
    ...common,
    batchQueue,
    looks: new JobLooks(jobs, log),
    ...(repair && { repair: (active, depth) => repair.repair(active, depth) }),
  });
}
