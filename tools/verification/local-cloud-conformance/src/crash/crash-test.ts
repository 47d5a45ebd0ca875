import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as delay } from 'node:timers/promises';

import { fifoLoad } from './fifo-load.ts';
import { freePort } from '@labelfleet/testkit/free-port';
import { SERVER, type History } from './history.ts';
import { IMAGES, instanceLoad } from './instance-load.ts';
import type { Load } from './load.ts';
import { objectLoad } from './object-load.ts';
import type { Random } from '@labelfleet/testkit/random';
import { CrashingServer } from './server.ts';
import { standardLoad } from './standard-load.ts';

export interface CrashTest {
  readonly kills: number;
  readonly random: Random;
  readonly dataDir: string;
  readonly history: History;
}

/** After this many kills the clients pause and everything is checked. */
const KILLS_TO_A_CHECK = 25;

/**
 * Kills a local cloud repeatedly under load and checks that it kept everything that it acknowledged.
 * @returns the counts of each load
 * @throws Violation
 */
export async function crashTest(test: CrashTest): Promise<Record<string, object>> {
  const { random, history, dataDir, kills } = test;
  const server = new CrashingServer(await freePort(random), dataDir, IMAGES);
  const connection = {
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  const clients = {
    sqs: new SQSClient(connection),
    s3: new S3Client(connection),
    ec2: new EC2Client(connection),
  };
  const context = { history, random, whenUp: () => server.whenUp(), dataDir };
  const instances = instanceLoad(clients.ec2, context);
  const loads: Load[] = [
    standardLoad(clients.sqs, context),
    fifoLoad(clients.sqs, context),
    objectLoad(clients.s3, context),
    instances,
  ];
  try {
    await server.start();
    for (const load of loads) await load.setUp();
    for (let done = 0; done < kills;) {
      const round = Math.min(KILLS_TO_A_CHECK, kills - done);
      await underLoad(loads, (signal) =>
        killRepeatedly(server, round, { random, history, instances, signal }),
      );
      for (const load of loads) await load.check();
      done += round;
      process.stdout.write(`${done} kills, no violation\n`);
    }
  } finally {
    await server.stop();
    for (const client of Object.values(clients)) client.destroy();
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

async function killRepeatedly(
  server: CrashingServer,
  kills: number,
  context: {
    random: Random;
    history: History;
    instances: { crashOne(): Promise<void> };
    signal: AbortSignal;
  },
): Promise<void> {
  const { random, history } = context;
  for (let kill = 1; kill <= kills && !context.signal.aborted; kill += 1) {
    await delay(random.below(400));
    await server.kill();
    history.note(SERVER, 'server killed');
    if (random.chance(0.1)) await context.instances.crashOne();
    const starting = server.start();
    if (random.chance(0.1)) {
      await delay(random.below(600)); // during the start or shortly after it
      await server.kill();
      history.note(SERVER, 'server killed at its start');
      await starting;
      await server.start();
    } else {
      await starting;
    }
    history.note(SERVER, 'server serves');
  }
}
