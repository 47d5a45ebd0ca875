import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import { until } from '@labelfleet/end-to-end/until';
import { seededRandom } from '@labelfleet/local-cloud/random';
import { stackProcesses } from '@labelfleet/local-stack/processes';
import { join } from 'node:path';
import { collectLogs } from './collect/logs.ts';
import { collectObjects } from './collect/objects.ts';
import { whatIsLeft } from './collect/left.ts';
import type { History } from './history/history.ts';
import { Client } from './load/client.ts';
import { prepareImages } from './load/images.ts';
import { runLoad, type LoadState } from './load/run-load.ts';
import { killCloud } from './nemesis/cloud-killer.ts';
import { Nemesis } from './nemesis/nemesis.ts';
import { Victims } from './nemesis/victims.ts';
import type { ChaosOptions } from './options.ts';
import { makePlan } from './plan/plan.ts';
import { countDone, quotasFor, unmet } from './plan/quotas.ts';
import { standingFaults } from './plan/standing-faults.ts';
import { LEASE_SECONDS, VISIBILITY_SECONDS } from './stack/settings.ts';
import { startStack, type Stack } from './stack/stack.ts';
import { FaultLog } from './watch/fault-log.ts';
import { FaultsClient } from './watch/faults-client.ts';
import { FleetWatch } from './watch/fleet-watch.ts';

/** When all offers are made and too little has been done, it goes on for so much of the time at most. */
const LONGER_SHARE = 0.5;
/** After the last kill: an image that is given up was started three times, each with its margin. */
const ANSWERS_MS = 180_000;
const REST_MS = 180_000;
const STOP_MS = 60_000;

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
  const { seed, minutes, requests, maxWorkers, say, dataDir } = chaos;
  history.note({ kind: 'run', seed, maxWorkers, minutes });
  const images = await prepareImages(join(dataDir, 'pictures'));
  for (const { name, expected } of images) history.note({ kind: 'image', image: name, expected });
  await using running = new AsyncDisposableStack();
  running.defer(() => endAll(dataDir));
  const stack = await startStack(chaos, history);
  const watched = watch(stack, history);
  running.defer(() => watched.close());
  say('the product runs');

  const run = new AbortController();
  const signal = AbortSignal.any([run.signal, chaos.stop]);
  const watching = new AbortController();
  const watches = [watched.fleet.watch(watching.signal), watched.faultLog.watch(watching.signal)];
  const random = seededRandom(seed + 1);
  const client = new Client(stack.urls, history, random);
  const victims = new Victims({ ...stack, fleet: watched.fleet, history, random });
  const nemesis = new Nemesis({ faults: watched.faults, victims, history, random });
  const plan = makePlan(seed, minutes, {
    workerSilentMs: (VISIBILITY_SECONDS + 2) * 1000,
    scalerSilentMs: (LEASE_SECONDS + 2) * 1000,
  });
  const faults = standingFaults(seed);
  for (const fault of faults) await watched.faults.set(fault);

  history.note({ kind: 'phase', name: 'load' });
  const beganAt = performance.now();
  const state: LoadState = { offered: 0, answered: 0 };
  const giveUp = new AbortController();
  const wantsMore = () =>
    performance.now() - beganAt < minutes * 60_000 * (1 + LONGER_SHARE) &&
    unmet(countDone(history.events), quotasFor(minutes)).length > 0;
  const progress = setInterval(() => say(progressOf(history, state, watched.fleet)), 5000);
  const cloudParts = { ...watched, cloud: stack.cloud, standingFaults: faults, random };
  const lanes = plan.map(({ role, planned }) =>
    role === 'local-cloud'
      ? killCloud(cloudParts, planned, signal)
      : nemesis.run(role, planned, signal),
  );
  const load = await runLoad(
    {
      client,
      images,
      requests,
      everyMs: (minutes * 60_000) / requests,
      wantsMore,
      giveUp: AbortSignal.any([giveUp.signal, chaos.stop]),
    },
    state,
    chaos.stop,
  );
  run.abort();
  await Promise.all(lanes);
  await victims.settle();
  if (!stack.cloud.running) await stack.cloud.start();
  await watched.faultLog.read();
  await watched.faults.clearAll();

  history.note({ kind: 'phase', name: 'calm' });
  say('nothing is killed any more');
  const late = setTimeout(() => giveUp.abort(), ANSWERS_MS);
  await load.answers;
  clearTimeout(late);
  await comeToRest(watched, history, chaos.stop);
  clearInterval(progress);
  history.note({ kind: 'phase', name: 'quiet' });
  say('all is at rest');
  await askAgain(client, history, chaos.stop);
  await collectObjects(watched.stores, history);
  watching.abort();
  await Promise.all(watches);

  history.note({ kind: 'phase', name: 'stopping' });
  await stopAll(stack, dataDir, history);
  await collectLogs(stack.logDir, history);
  await collectLogs(join(stack.cloudDir, 'logs'), history);
}

/** The driver's own eyes, by the key `local`. */
function watch({ around, endpoint }: Stack, history: History) {
  const connection = {
    region: around.region,
    endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const [sqs, s3, ec2] = [connectSqs(connection), connectS3(connection), connectEc2(connection)];
  const stores = {
    input: s3.store(around.inputBucket),
    output: s3.store(around.outputBucket),
    state: s3.store(around.stateBucket),
  };
  const faults = new FaultsClient(endpoint);
  return {
    stores,
    faults,
    faultLog: new FaultLog(faults, history),
    fleet: new FleetWatch({ fleet: ec2.fleet, state: stores.state, history }),
    queues: {
      requests: sqs.queue(around.requestQueueUrl),
      'dead letters': sqs.queue(around.deadLetterQueueUrl),
    },
    close: () => [sqs, s3, ec2].forEach((each) => each.close()),
  };
}

/** Waits until no message and no instance is left; what is left after all notes itself. */
async function comeToRest(
  watched: Parameters<typeof whatIsLeft>[0],
  history: History,
  stop: AbortSignal,
): Promise<void> {
  let left: string[] = [];
  const atRest = async () => {
    left = await whatIsLeft(watched).catch((error: unknown) => [String(error)]);
    return left.length === 0 || stop.aborted;
  };
  await until('all is at rest', atRest, { timeoutMs: REST_MS }).catch(() => undefined);
  for (const what of left) history.note({ kind: 'left', what });
}

/** Every request is asked for once more: any gateway can tell, after any restart. */
async function askAgain(client: Client, history: History, stop: AbortSignal): Promise<void> {
  const requests = new Map(
    history.events.flatMap((event) => {
      if (event.kind !== 'answered' || !(event.body instanceof Object)) return [];
      return 'id' in event.body && typeof event.body.id === 'string'
        ? [[event.body.id, event.offer] as const]
        : [];
    }),
  );
  for (const [requestId, offer] of requests) await client.askOnce(offer, requestId, stop);
}

async function stopAll(stack: Stack, dataDir: string, history: History): Promise<void> {
  const { gateways, scalers, cloud } = stack;
  const leave = (what: string) => history.note({ kind: 'left', what });
  await Promise.all(
    [...gateways, ...scalers].map(async (each) => {
      if (!(await each.stop(STOP_MS))) leave(`process ${each.name}`);
    }),
  );
  if (!(await cloud.stop(STOP_MS))) leave(`process ${cloud.name}`);
  for (const { name, pid } of await stackProcesses(dataDir)) leave(`process ${pid} ${name}`);
}

async function endAll(dataDir: string): Promise<void> {
  for (const { pid } of await stackProcesses(dataDir)) process.kill(pid, 'SIGKILL');
}

function progressOf(history: History, state: LoadState, fleet: FleetWatch): string {
  const { killsByRole, atStep } = countDone(history.events);
  const kills = Object.entries(killsByRole).map(([role, count]) => `${role} ${count}`);
  const steps = Object.values(atStep).join(' ');
  return `offered ${state.offered}, answered ${state.answered}, instances ${fleet.living.length}; killed: ${kills.join(', ')}; at steps: ${steps}`;
}
