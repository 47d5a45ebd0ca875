import { setTimeout as delay } from 'node:timers/promises';

import type { Random } from '@labelfleet/testkit/random';
import { RestartableCloud } from '@labelfleet/testkit/restartable-cloud';
import { fifoLoad } from './fifo-load.ts';
import type { History } from './history.ts';
import { IMAGES, instanceLoad } from './instance-load.ts';
import type { Load, LoadContext } from './load.ts';
import { objectLoad } from './object-load.ts';
import { standardLoad } from './standard-load.ts';

export interface CrashTest {
  readonly kills: number;
  readonly random: Random;
  readonly history: History;
}

/** After this many kills the clients pause and everything is checked. */
const KILLS_TO_A_CHECK = 25;

/**
 * Kills a local cloud repeatedly under load and checks that it kept everything that it acknowledged.
 * @returns the counts of each load
 * @throws Violation
 */
export async function crashTest({ kills, ...test }: CrashTest): Promise<Record<string, object>> {
  await using cloud = await RestartableCloud.start({
    images: IMAGES,
    bootSeconds: 0.05,
    env: { LOG_LEVEL: 'error', LOCAL_CLOUD_GRACE_SECONDS: '2' },
  });
  const context = { ...test, cloud };
  const instances = instanceLoad(context);
  const loads: Load[] = [
    await standardLoad(context),
    await fifoLoad(context),
    await objectLoad(context),
    instances,
  ];
  for (let done = 0; done < kills;) {
    const round = Math.min(KILLS_TO_A_CHECK, kills - done);
    await underLoad(loads, async (signal) => {
      for (let kill = 1; kill <= round && !signal.aborted; kill += 1) {
        await killOnce(context, () => instances.crashOne());
      }
    });
    for (const load of loads) await load.check();
    done += round;
    process.stdout.write(`${done} kills, no violation\n`);
  }
  return Object.fromEntries(loads.map((load) => [load.name, load.figures()]));
}

/** Runs an action while the clients work. @throws the first violation that a client finds */
async function underLoad(
  loads: readonly Load[],
  act: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const acting = act(stop.signal);
  const working = Promise.all(loads.map((load) => load.run(stop.signal)));
  try {
    await Promise.race([acting, working]);
  } finally {
    stop.abort();
    await acting;
  }
  await working;
}

/** Kills the server and starts it again. Sometimes an instance ends meanwhile, or the server is killed at its start. */
async function killOnce(
  { cloud, random, history }: LoadContext,
  crashInstance: () => Promise<void>,
): Promise<void> {
  await delay(random.below(400));
  await cloud.kill();
  history.noteServer('killed');
  if (random.chance(0.1)) await crashInstance();
  const starting = cloud.start();
  if (random.chance(0.1)) {
    await delay(random.below(600)); // during the start or shortly after it
    await cloud.kill();
    history.noteServer('killed at its start');
    await starting;
    await cloud.start();
  } else {
    await starting;
  }
  history.noteServer('serves');
}
