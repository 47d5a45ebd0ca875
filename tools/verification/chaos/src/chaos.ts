import { sleep } from '@labelfleet/runtime';
import { Random, seededRandom } from '@labelfleet/testkit/random';
import { stackProcesses } from '@labelfleet/local-stack/processes';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectLogs } from './collect/logs.ts';
import { collectObjects } from './collect/objects.ts';
import { askAgain, waitUntilIdle, stopAll } from './run-down.ts';
import { eventsOf } from './history/event.ts';
import type { History } from './history/history.ts';
import { keysFile, PRESS, REVOKED, SHOP } from './load/callers.ts';
import { prepareImages, type ChaosImage } from './load/images.ts';
import { openLoad, type Load } from './load/open-load.ts';
import { startReceiver } from './load/receiver.ts';
import { runLoad } from './load/run-load.ts';
import { killCloud } from './nemesis/cloud-killer.ts';
import { poisonImages } from './nemesis/poison.ts';
import { Nemesis } from './nemesis/nemesis.ts';
import { Victims } from './nemesis/victims.ts';
import { bringOutages } from './nemesis/outages.ts';
import type { ChaosOptions } from './options.ts';
import { makePlan } from './plan/plan.ts';
import { countDone, quotasFor, unmet } from './plan/quotas.ts';
import { backgroundFaults } from './plan/background-faults.ts';
import { LEASE_SECONDS, VISIBILITY_SECONDS } from './stack/settings.ts';
import { sendSignal } from '@labelfleet/testkit/send-signal';
import { startStack, type Stack } from './stack/stack.ts';
import type { FleetWatch } from './watch/fleet-watch.ts';
import { scrapeStack } from './watch/scraper.ts';
import { watchStack, type Seen } from './watch/watch-stack.ts';

/** Longest extension of the load when it ends before the quotas are reached. */
const EXTENSION_MS = 120_000;
/** Time for all answers after the last kill: an exhausted request waits for three visibility timeouts. */
const ANSWERS_MS = 180_000;
const PROGRESS_MS = 5000;

/** How long a stalled process is silent: longer than others wait before they take over its work. */
const SILENCE = {
  workerSilentMs: (VISIBILITY_SECONDS + 2) * 1000,
  scalerSilentMs: (LEASE_SECONDS + 2) * 1000,
};

interface Chaos extends ChaosOptions {
  bundles: string;
  dataDir: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Ends the run at once, and the processes that it started. */
  stop: AbortSignal;
  /** Prints progress. */
  say: (line: string) => void;
}

/** Runs the product under load, injects the planned faults, waits until it is idle, and records everything. */
export async function runChaos(chaos: Chaos, history: History): Promise<void> {
  const { seed, maxWorkers, minutes, dataDir, stop, say } = chaos;
  history.note({ kind: 'run', seed, maxWorkers, minutes });
  const images = await prepareImages(join(dataDir, 'images'));
  for (const { name, expected } of images) history.note({ kind: 'image', image: name, expected });
  await using running = new AsyncDisposableStack();
  running.defer(() => endAll(dataDir));
  const receiver = await startReceiver(history, new Random(seed, 'receiver'));
  running.defer(() => receiver.close());
  const keysPath = join(dataDir, 'keys.json');
  const webhooksPath = join(dataDir, 'webhooks.json');
  await writeFile(keysPath, keysFile(SHOP, PRESS, REVOKED));
  await writeFile(webhooksPath, receiver.file);
  const stack = await startStack({ ...chaos, keysPath, webhooksPath }, history);
  const seen = watchStack(stack, history);
  running.defer(() => seen.close());
  const load = openLoad(stack.urls, history, seed);
  say('product started');

  history.note({ kind: 'phase', name: 'load' });
  const stopWatching = new AbortController();
  const watching = Promise.all([
    seen.watch(stopWatching.signal),
    scrapeStack({ ...stack, fleet: seen.fleet, history }, stopWatching.signal),
  ]);
  const progress = setInterval(() => say(progressOf(history, seen.fleet)), PROGRESS_MS);
  const { answers, giveUp } = await attack({ chaos, history, stack, seen, load, images, keysPath });

  history.note({ kind: 'phase', name: 'calm' });
  say('faults ended');
  receiver.calm();
  const late = setTimeout(giveUp, ANSWERS_MS);
  await answers;
  clearTimeout(late);
  await waitUntilIdle(seen, history, stop);
  clearInterval(progress);

  history.note({ kind: 'phase', name: 'quiet' });
  say('product idle');
  await askAgain(load, stop);
  await collectObjects(seen.stores, history);

  history.note({ kind: 'phase', name: 'outages' });
  say('outages began');
  await bringOutages({ ...stack, faults: seen.faults, history }, images, stop);
  stopWatching.abort();
  await watching;

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
  load: Load;
  images: readonly ChaosImage[];
  /** API_KEYS_FILE. */
  keysPath: string;
}

/**
 * Sends the load and injects the planned faults. When it resolves, all faults are cleared and all processes run
 * again.
 * @returns `answers` resolves when every caller has its answer or has been ended by `giveUp`
 */
async function attack({ chaos, history, stack, seen, load, images, keysPath }: Attack) {
  const { seed, minutes, requests, stop } = chaos;
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, stop]);
  const random = seededRandom(seed + 2);
  const victims = new Victims({ ...stack, fleet: seen.fleet, history, random });
  const nemesis = new Nemesis({ faults: seen.faults, victims, history });
  const faults = backgroundFaults(seed);
  for (const fault of faults) await seen.faults.set(fault);
  const poisoned = poisonImages({ faults: seen.faults, victims }, signal);
  const cloudKiller = { ...seen, cloud: stack.cloud, backgroundFaults: faults, random };
  const lanes = makePlan(seed, minutes, SILENCE).map(({ role, planned }) =>
    role === 'local-cloud'
      ? killCloud(cloudKiller, planned, signal)
      : nemesis.run(role, planned, signal),
  );

  const giveUp = new AbortController();
  const beganAt = performance.now();
  const isShort = () => unmet(countDone(history.events), quotasFor(minutes)).length > 0;
  const probes = load.probes.run(signal);
  const revoked = revokeKey(keysPath, history, minutes * HALF_OF_MINUTE_MS, signal);
  const sent = runLoad(
    {
      ...load,
      images,
      requests,
      everyMs: (minutes * 60_000) / requests,
      wantsMore: () => performance.now() - beganAt < minutes * 60_000 + EXTENSION_MS && isShort(),
      giveUp: AbortSignal.any([giveUp.signal, stop]),
    },
    stop,
  );
  // A lane that throws ends the run.
  const done = await Promise.race([sent, failureOf([...lanes, poisoned, probes, revoked])]);
  over.abort();
  await Promise.all([...lanes, poisoned, probes, revoked]);
  await victims.settle();
  await seen.faultLog.read();
  await seen.faults.clearAll();
  return { ...done, giveUp: () => giveUp.abort() };
}

const HALF_OF_MINUTE_MS = 30_000;

async function revokeKey(
  keysPath: string,
  history: History,
  afterMs: number,
  signal: AbortSignal,
): Promise<void> {
  await sleep(afterMs, signal);
  await writeFile(`${keysPath}.new`, keysFile(SHOP, PRESS));
  await rename(`${keysPath}.new`, keysPath);
  history.note({ kind: 'revoked', key: REVOKED.key });
}

/** Rejects when one of them does, and never resolves. */
const failureOf = (works: readonly Promise<void>[]): Promise<never> =>
  Promise.all(works).then(() => new Promise<never>(() => {}));

async function endAll(dataDir: string): Promise<void> {
  for (const { pid } of await stackProcesses(dataDir)) sendSignal(pid, 'SIGKILL');
}

function progressOf({ events }: History, { living }: FleetWatch): string {
  const { killsByRole, atStep } = countDone(events);
  const [offers, answers] = [
    eventsOf('offered', events).length,
    eventsOf('answered', events).length,
  ];
  const kills = Object.entries(killsByRole).map(([role, count]) => `${role} ${count}`);
  return [
    `offers ${offers}, answers ${answers}, instances ${living.length}`,
    `killed: ${kills.join(', ')}`,
    `at steps: ${Object.values(atStep).join(' ')}`,
  ].join('; ');
}
