import { decodeRequestMessage, encodeReplyMessage, type StoredResult } from '@labelfleet/contracts';
import { startApp } from '@labelfleet/testkit/app-process';
import { until } from '@labelfleet/testkit/until';
import { setTimeout as delay } from 'node:timers/promises';
import { latencyFigures } from '../figures.ts';
import { startLoad } from '../load.ts';
import { ownDescendants } from '../processes.ts';
import type { Workload } from '../workloads.ts';
import { startStandIn } from './aws-stand-in.ts';

const CLIENTS = [1, 16, 64, 256, 1024, 4096];
const WARM = { timeoutMs: 120_000 };
const WARM_UP_MS = 2000;

/**
 * Measures one gateway, whose clients become more and more, until it refuses some. The clients and the stand-in for
 * AWS and the workers are in this process.
 */
export async function growGateway(
  main: string,
  { files }: Workload,
  measureMs: number,
  onRow: (row: readonly string[]) => void,
): Promise<void> {
  let replyQueue = '';
  await using aws = await startStandIn({
    onMessage(body) {
      const request = decodeRequestMessage(body);
      if (request.kind === 'malformed' || request.value.replyTo === undefined) return;
      const { requestId, replyTo, submittedAt } = request.value;
      replyQueue = replyTo;
      aws.send(replyTo, encodeReplyMessage({ v: 1, result: resultOf(requestId, submittedAt) }));
    },
  });
  await using gateway = startApp(main, { ...aws.environment, METRICS_PORT: '0' });
  const url = await gateway.url;
  onRow([
    'clients',
    'images a second',
    'p50 ms',
    'p99 ms',
    'CPU of gateway',
    'CPU ms an image',
    'CPU of clients and AWS',
    'SQS calls an image',
    'replies waiting',
    '503 a second',
    'resets',
    'peak MB',
  ]);
  for (const clients of CLIENTS) {
    let latencies: number[] = [];
    let refused = { '503': 0, reset: 0 };
    const load = await startLoad(
      url,
      files,
      clients,
      ({ latencyMs }) => latencies.push(latencyMs),
      (how) => (refused[how] += 1),
    );
    // Many clients that begin at the same time get no answer for a while.
    const isWarm = async () => latencies.length + refused[503] + refused.reset >= clients;
    await Promise.race([until('all are answered', isWarm, WARM), load.ended]);
    await Promise.race([delay(WARM_UP_MS), load.ended]);
    const snapshot = async () => {
      const [usage] = (await ownDescendants()).filter(({ role }) => role === 'gateway');
      const { user, system } = process.cpuUsage();
      const sqs = [...aws.calls].filter(([name]) => name.startsWith('sqs'));
      return {
        atMs: performance.now(),
        cpuMs: usage?.cpuMs ?? NaN,
        peakRssMb: usage?.peakRssMb ?? NaN,
        ownCpuMs: (user + system) / 1000,
        sqsCalls: sqs.reduce((sum, [, calls]) => sum + calls, 0),
      };
    };
    const before = await snapshot();
    latencies = [];
    refused = { '503': 0, reset: 0 };
    await Promise.race([delay(measureMs), load.ended]);
    const after = await snapshot();
    const ms = after.atMs - before.atMs;
    const images = latencies.length;
    const { p50Ms = NaN, p99Ms = NaN } = latencyFigures(latencies);
    const share = (cpuMs: number) => `${((100 * cpuMs) / ms).toFixed(0)} %`;
    onRow([
      String(clients),
      ((1000 * images) / ms).toFixed(0),
      p50Ms.toFixed(0),
      p99Ms.toFixed(0),
      share(after.cpuMs - before.cpuMs),
      ((after.cpuMs - before.cpuMs) / images).toFixed(2),
      share(after.ownCpuMs - before.ownCpuMs),
      ((after.sqsCalls - before.sqsCalls) / images).toFixed(2),
      String(aws.waiting(replyQueue)),
      ((1000 * refused[503]) / ms).toFixed(0),
      String(refused.reset),
      after.peakRssMb.toFixed(0),
    ]);
    await load.stop();
  }
}

const resultOf = (id: string, submittedAt: string): StoredResult => ({
  v: 1,
  id,
  status: 'succeeded',
  submittedAt,
  completedAt: new Date().toISOString(),
  attempts: 1,
  worker: 'i-0123456789abcdef0',
  label: 'goldfish',
  predictions: Array.from({ length: 5 }, (_, classIndex) => ({
    label: 'goldfish',
    score: 0.2,
    classIndex,
  })),
  model: { name: 'stand-in', version: '1', sha256: 'ab' },
  timings: { queuedMs: 0, fetchMs: 0, decodeMs: 0, inferMs: 0, totalMs: 0 },
});
