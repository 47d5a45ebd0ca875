import { encodeFleetEvent } from '@labelfleet/contracts';
import { callsUsd, US_EAST_1_PRICES } from '@labelfleet/scaling/cost';
import { startApp } from '@labelfleet/testkit/app-process';
import { setTimeout as delay } from 'node:timers/promises';
import { ownDescendants } from '../processes.ts';
import { startStandIn, type StandIn } from './aws-stand-in.ts';
import { instanceId } from './ec2-answers.ts';

const WORKERS = [20, 200, 2000];
const TICK_MS = 2000;
/** A worker sends one in 3 s; they are sent in slices of this many milliseconds. */
const HEARTBEAT_MS = 3000;
const SLICE_MS = 30;
const WARM_UP_MS = 15_000;

/** Measures the scaler's CPU time and AWS calls for busy fleets of different sizes. */
export async function growScaler(
  main: string,
  measureMs: number,
  onRow: (row: readonly string[]) => void,
): Promise<void> {
  onRow([
    'workers',
    'CPU ms a tick',
    'CPU of scaler',
    'AWS calls a tick',
    'of it SQS, S3, EC2',
    'USD an hour',
    'heartbeats waiting',
    'peak MB',
  ]);
  for (const workers of WORKERS) {
    await using aws = await startStandIn({ instances: workers });
    const stopping = new AbortController();
    const heartbeats = sendHeartbeats(aws, workers, stopping.signal);
    await using scaler = startApp(main, {
      ...aws.environment,
      WORKER_LAUNCH_TEMPLATE: 'worker',
      MIN_WORKERS: String(workers),
      MAX_WORKERS: String(workers),
      TICK_SECONDS: String(TICK_MS / 1000),
    });
    await scaler.url;
    await delay(WARM_UP_MS);
    const snapshot = async () => {
      const [usage] = (await ownDescendants()).filter(({ role }) => role === 'scaler');
      return {
        atMs: performance.now(),
        cpuMs: usage?.cpuMs ?? NaN,
        peakRssMb: usage?.peakRssMb ?? NaN,
        calls: new Map(aws.calls),
      };
    };
    const before = await snapshot();
    await delay(measureMs);
    const after = await snapshot();
    const ms = after.atMs - before.atMs;
    const count = (prefix: string) =>
      [...after.calls]
        .filter(([name]) => name.startsWith(prefix))
        .reduce((sum, [name, calls]) => sum + calls - (before.calls.get(name) ?? 0), 0);
    const services = ['sqs', 's3', 'ec2'].map(count);
    const usd = callsUsd(US_EAST_1_PRICES, {
      sqsStandard: count('sqs'),
      sqsFifo: 0,
      s3Put: count('s3 PUT'),
      s3Get: count('s3 GET'),
    });
    const cpuMs = after.cpuMs - before.cpuMs;
    const aTick = (value: number) => (value * TICK_MS) / ms;
    onRow([
      String(workers),
      aTick(cpuMs).toFixed(0),
      `${((100 * cpuMs) / ms).toFixed(1)} %`,
      aTick(services.reduce((a, b) => a + b)).toFixed(1),
      services.map((calls) => aTick(calls).toFixed(1)).join(', '),
      ((((usd.queue ?? NaN) + (usd.store ?? NaN)) * 3_600_000) / ms).toFixed(4),
      String(aws.waiting(aws.environment['FLEET_EVENT_QUEUE_URL'] ?? '')),
      after.peakRssMb.toFixed(0),
    ]);
    stopping.abort();
    await heartbeats;
  }
}

/** Sends the heartbeats of busy workers, evenly over time. */
async function sendHeartbeats(aws: StandIn, workers: number, signal: AbortSignal): Promise<void> {
  const queueUrl = aws.environment['FLEET_EVENT_QUEUE_URL'] ?? '';
  const startedAt = new Date().toISOString();
  const beganAtMs = performance.now();
  for (let sent = 0; !signal.aborted;) {
    const ms = performance.now() - beganAtMs;
    for (; sent < (workers * ms) / HEARTBEAT_MS; sent += 1) {
      const heartbeat = encodeFleetEvent({
        v: 1,
        type: 'heartbeat',
        instanceId: instanceId(sent % workers),
        at: new Date().toISOString(),
        startedAt,
        state: 'working',
        slots: 2,
        busySlots: 2,
        idleSeconds: 0,
        imagesCompleted: Math.floor(ms / 100),
        busySeconds: ms / 1000,
        fullSeconds: ms / 1000,
        completedWhileFull: Math.floor(ms / 100),
      });
      aws.send(queueUrl, heartbeat);
    }
    await delay(SLICE_MS, undefined, { signal }).catch(() => undefined);
  }
}
