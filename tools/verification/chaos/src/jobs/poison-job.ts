import { tryReadJson, type ObjectStore } from '@labelfleet/aws/store';
import { chunkAttemptsCodec } from '@labelfleet/contracts';
import { sleep } from '@labelfleet/runtime';
import type { HeldCall } from '@labelfleet/testkit/faults-client';
import { accessKeyOf } from '@labelfleet/testkit/worker-processes';
import { CALLERS } from '../plan/steps.ts';
import type { KillDeps } from './kill-at.ts';

const POLL_MS = 50;
const FETCH = 'poison-fetch';
const ATTEMPT = 'poison-attempt';

interface Poison {
  /** Of the job, which has one chunk. */
  jobId: string;
  key: string;
  /** Of the image in the chunk. */
  index: number;
  state: Pick<ObjectStore, 'get'>;
}

/**
 * Kills every worker that attempts an image of a job: on the first delivery when it fetches the image, then when it has
 * recorded the attempt. Resolves when the signal aborts. @returns how many
 */
export async function poisonJob(
  { faults, victims }: Pick<KillDeps, 'faults' | 'victims'>,
  { jobId, key, index, state }: Poison,
  signal: AbortSignal,
): Promise<number> {
  let kills = 0;
  const hold = (id: string, when: string, action: string, keys: string) =>
    faults.ensure({
      ...{ id, kind: 'hold', when, action: [action], seconds: 45 },
      match: { key: keys, caller: CALLERS.worker },
    });
  while (!signal.aborted) {
    try {
      if (kills === 0) await hold(FETCH, 'before', 'GetObject', key);
      else await faults.clear(FETCH);
      await hold(ATTEMPT, 'after', 'PutObject', `attempts/jobs/${jobId}/*`);
      for (const call of await faults.held()) await take(call);
    } catch {
      // The local cloud was killed, and its faults with it.
    }
    await sleep(POLL_MS, signal);
  }
  return kills;

  async function take({ id, fault, facts }: HeldCall): Promise<void> {
    const [record = ''] = facts['key'] ?? [];
    const [caller = ''] = facts['caller'] ?? [];
    const isFetch = fault === FETCH && kills === 0;
    if (isFetch || (fault === ATTEMPT && (await isAttempting(record, caller)))) {
      const victim = await victims.byCaller('worker', caller);
      const how = { step: 'at the poison image', holding: [], late: false };
      if ((await victim?.kill(how)) === true) kills += 1;
    }
    if (fault === FETCH || fault === ATTEMPT) await faults.release(id);
  }

  /** Whether a worker has recorded an attempt at the poison image. */
  async function isAttempting(record: string, caller: string): Promise<boolean> {
    const read = await tryReadJson(state, record, chunkAttemptsCodec);
    if (read.kind !== 'decoded') return false;
    const { attempts } = read.value;
    return attempts.some(({ image, worker }) => image === index && accessKeyOf(worker) === caller);
  }
}
