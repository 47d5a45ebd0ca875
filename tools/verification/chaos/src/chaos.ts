import { seededRandom } from '@labelfleet/testkit/random';
import { stackProcesses } from '@labelfleet/local-stack/processes';
import { join } from 'node:path';
import { collectLogs } from './collect/logs.ts';
import { collectObjects } from './collect/objects.ts';
import { askAgain, comeToRest, stopAll } from './come-to-rest.ts';
import type { History } from './history/history.ts';
import { Client } from './load/client.ts';
import { prepareImages, type ChaosImage } from './load/images.ts';
import { runLoad, type LoadState } from './load/run-load.ts';
import { killCloud } from './nemesis/cloud-killer.ts';
import { poisonImages } from './nemesis/poison.ts';
import { Nemesis } from './nemesis/nemesis.ts';
import { Victims } from './nemesis/victims.ts';
import type { ChaosOptions } from './options.ts';
import { makePlan } from './plan/plan.ts';
import { countDone, quotasFor, unmet } from './plan/quotas.ts';
import { standingFaults } from './plan/standing-faults.ts';
import { LEASE_SECONDS, VISIBILITY_SECONDS } from './stack/settings.ts';
import { sendSignal } from '@labelfleet/testkit/send-signal';
import { startStack, type Stack } from './stack/stack.ts';
import type { FleetWatch } from './watch/fleet-watch.ts';
import { watchStack, type Seen } from './watch/watch-stack.ts';

/** When all offers are made and too little has been done, it goes on for at most so long. */
const LONGER_MS = 120_000;
/** After the last kill: an image that is given up was started three times, each with its margin. */
const ANSWERS_MS = 180_000;
const PROGRESS_MS = 5000;

/** For how long somebody is silent whose work others are to take over. */
const SILENCE = {
  workerSilentMs: (VISIBILITY_SECONDS + 2) * 1000,
  scalerSilentMs: (LEASE_SECONDS + 2) * 1000,
};

interface Chaos extends ChaosOptions {
  bundles: string;
  dataDir: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Ends the run at once; what has been started is ended all the same. */
  stop: AbortSignal;
  /** Told now and then where it is. */
  say: (line: string) => void;
}

/** Runs the product under load, does to it what is planned, lets it come to rest, and writes all of it down. */
export async function runChaos(chaos: Chaos, history: History): Promise<void> {
  const { seed, maxWorkers, minutes, dataDir, stop, say } = chaos;
  history.note({ kind: 'run', seed, maxWorkers, minutes });
  const images = await prepareImages(join(dataDir, 'pictures'));
  for (const { name, expected } of images) history.note({ kind: 'image', image: name, expected });
  await using running = new AsyncDisposableStack();
  running.defer(() => endAll(dataDir));
  const stack = await startStack(chaos, history);
  const seen = watchStack(stack, history);
  running.defer(() => seen.close());
  const client = new Client(stack.urls, history, seededRandom(seed + 1));
  say('the product runs');

  history.note({ kind: 'phase', name: 'load' });
  const stopWatching = new AbortController();
  const watches = [seen.fleet, seen.faultLog].map((each) => each.watch(stopWatching.signal));
  const state: LoadState = { offered: 0, answered: 0 };
  const progress = setInterval(() => say(progressOf(history, state, seen.fleet)), PROGRESS_MS);
  const { answers, giveUp } = await attack({ chaos, history, stack, seen, client, images, state });

  history.note({ kind: 'phase', name: 'calm' });
  say('nothing is killed any more');
  const late = setTimeout(giveUp, ANSWERS_MS);
  await answers;
  clearTimeout(late);
  await comeToRest(seen, history, stop);
  clearInterval(progress);

  history.note({ kind: 'phase', name: 'quiet' });
  say('all is at rest');
  await askAgain(client, history, stop);
  await collectObjects(seen.stores, history);
  stopWatching.abort();
  await Promise.all(watches);

  history.note({ kind: 'phase', name: 'stopping' });
  await stopAll(stack, dataDir, history);
  await collectLogs(stack.logDir, history);
  await collectLogs(join(stack.cloudDir, 'logs'), history);
}

interface Attack {
  chaos: Chaos;
  history: History;
  stack: Stack;
  seen: Seen;
  client: Client;
  images: readonly ChaosImage[];
  state: LoadState;
}

/**
 * Offers the load while it does what is planned. Everything runs again and nothing goes wrong on purpose any
 * more when this resolves.
 * @returns `answers` resolves when every caller has its answer, or has been told to give up
 */
async function attack({ chaos, history, stack, seen, client, images, state }: Attack) {
  const { seed, minutes, requests, stop } = chaos;
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, stop]);
  const random = seededRandom(seed + 2);
  const victims = new Victims({ ...stack, fleet: seen.fleet, history, random });
  const nemesis = new Nemesis({ faults: seen.faults, victims, history, random });
  const faults = standingFaults(seed);
  for (const fault of faults) await seen.faults.set(fault);
  const poisoned = poisonImages({ faults: seen.faults, victims }, signal);
  const lanes = makePlan(seed, minutes, SILENCE).map(({ role, planned }) =>
    role === 'local-cloud'
      ? killCloud({ ...seen, cloud: stack.cloud, standingFaults: faults, random }, planned, signal)
      : nemesis.run(role, planned, signal),
  );

  const giveUp = new AbortController();
  const beganAt = performance.now();
  const load = runLoad(
    {
      client,
      images,
      requests,
      everyMs: (minutes * 60_000) / requests,
      wantsMore: () =>
        performance.now() - beganAt < minutes * 60_000 + LONGER_MS &&
        unmet(countDone(history.events), quotasFor(minutes)).length > 0,
      giveUp: AbortSignal.any([giveUp.signal, stop]),
    },
    state,
    stop,
  );
  // A lane that fails ends the run.
  const done = await Promise.race([load, failureOf([...lanes, poisoned])]);
  over.abort();
  await Promise.all([...lanes, poisoned]);
  await victims.settle();
  await seen.faultLog.read();
  await seen.faults.clearAll();
  return { ...done, giveUp: () => giveUp.abort() };
}

/** Rejects when one of them does, and is pending for ever otherwise. */
const failureOf = (works: readonly Promise<void>[]): Promise<never> =>
  Promise.all(works).then(() => new Promise<never>(() => {}));

async function endAll(dataDir: string): Promise<void> {
  for (const { pid } of await stackProcesses(dataDir)) sendSignal(pid, 'SIGKILL');
}

function progressOf(history: History, state: LoadState, fleet: FleetWatch): string {
  const { killsByRole, atStep } = countDone(history.events);
  const kills = Object.entries(killsByRole).map(([role, count]) => `${role} ${count}`);
  const steps = Object.values(atStep).join(' ');
  return `offered ${state.offered}, answered ${state.answered}, instances ${fleet.living.length}; killed: ${kills.join(', ')}; at steps: ${steps}`;
}
