import { createJobs, type Jobs } from '@labelfleet/client/jobs';
import type { StoredImages } from '@labelfleet/end-to-end/jobs/stored-images';
import { sleep } from '@labelfleet/runtime';
import { SHOP } from '../load/callers.ts';
import type { Stack } from '../stack/stack.ts';
import type { Seen } from '../watch/watch-stack.ts';
import { FREQUENT_STEPS, RARE_STEPS } from './job-steps.ts';
import { endOf, type StartedJob } from './judge-jobs.ts';
import { killAt, killAtSteps, killCloud, killScalers, type KillDeps } from './kill-at.ts';
import { poisonJob } from './poison-job.ts';
import type { PoisonedImages } from './poisoned-images.ts';

export interface AttackDeps extends KillDeps {
  stack: Stack;
  seen: Seen;
  stop: AbortSignal;
  say: (line: string) => void;
}

interface ToClassify {
  many: StoredImages;
  few: StoredImages;
  poisoned: PoisonedImages;
}

interface Attacked {
  started: StartedJob[];
  client: Jobs;
  /** Workers that were killed at the poison image. */
  poisonKills: number;
}

/** Large jobs at most, until every step was hit. */
const MOST_LARGE = 4;
const PROGRESS_MS = 30_000;

/**
 * Starts a large job, one with a poison image, and small ones for the steps that a job has once, and kills processes
 * meanwhile.
 */
export async function attack(
  deps: AttackDeps,
  { many, few, poisoned }: ToClassify,
): Promise<Attacked> {
  const { stack, seen, kills, stop, say } = deps;
  const url = stack.urls.values().next().value ?? '';
  const client = createJobs({ url, apiKey: SHOP.headers.authorization.slice('Bearer '.length) });
  const create = async (expected: StoredImages): Promise<StartedJob> => {
    const source = { prefix: `s3://${stack.around.inputBucket}/${expected.prefix}` };
    return { job: await client.create({ source }), expected };
  };
  const [large, withPoison] = [await create(many), await create(poisoned)];
  const started = [large, withPoison];
  const progress = setInterval(
    () => say([...kills].map(([name, count]) => `${name} ${count}`).join('; ')),
    PROGRESS_MS,
  );
  const [over, poisonOver] = [new AbortController(), new AbortController()];
  const signal = AbortSignal.any([over.signal, stop]);
  const lanes = [
    killAtSteps(FREQUENT_STEPS, deps, signal),
    killScalers(deps, signal),
    killCloud(deps, signal),
  ];
  const poisonKills = poisonJob(
    deps,
    { ...poisoned, jobId: withPoison.job.id, state: seen.stores.state },
    AbortSignal.any([poisonOver.signal, stop]),
  );

  for (const step of RARE_STEPS) {
    while (!kills.has(step.name) && !stop.aborted) {
      const killing = killAt(step, deps, signal);
      started.push(await create(few));
      if (await killing) say(`killed ${step.name}`);
    }
  }
  const isOver = async ({ job }: StartedJob) =>
    (await client.read(job.id)).completedAt !== undefined;
  const hit = () => FREQUENT_STEPS.every(({ name }) => kills.has(name));
  let [last, count] = [large, 1];
  while (!stop.aborted && !(hit() && (await isOver(last)))) {
    await sleep(1_000, stop);
    if (count === MOST_LARGE || !(await isOver(last))) continue;
    last = await create(many);
    started.push(last);
    count += 1;
  }
  over.abort();
  await Promise.all(lanes);
  await endOf(client, withPoison.job);
  poisonOver.abort();
  clearInterval(progress);
  return { started, client, poisonKills: await poisonKills };
}
