import type { Message } from '@aws-sdk/client-sqs';
import { cpus, release } from 'node:os';

import { connectAws } from '@labelfleet/testkit/aws-clients';
import { cpuMs } from '@labelfleet/testkit/cpu-time';
import { startLocalCloud } from '@labelfleet/testkit/local-cloud';
import { createBucket } from '@labelfleet/testkit/test-bucket';
import { createQueue } from '@labelfleet/testkit/test-queue';

const LANES = 8;
const CALLS = 2_000;

/** About the size of the product's messages. */
const MESSAGE = JSON.stringify({ requestId: 'r'.repeat(36), key: 'k'.repeat(80), at: 0 });
const OBJECT = Buffer.alloc(100_000, 'an image');

await using cloud = await startLocalCloud({ storage: 'durable' });
using clients = connectAws(cloud.endpoint);
const queue = await createQueue(clients.sqs);
const bucket = await createBucket(clients.s3);

console.log(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}, Node ${process.versions.node}; ` +
    `${LANES} calls at a time, client and server on the same machine, state kept\n`,
);
console.log('| call by SDK v3 | median latency, ms | server CPU, ms a call |');
console.log('| -------------- | -----------------: | --------------------: |');

const received: Message[] = [];
await measure('SQS send', () => queue.send(MESSAGE));
await measure('SQS receive', async () => received.push(await queue.receiveOne()));
await measure('SQS delete', () => queue.delete(received.pop() ?? {}));
await measure('S3 put, 100 KB', (lane) => bucket.put(`k${lane}`, { Body: OBJECT }));
await measure('S3 get, 100 KB', (lane) => bucket.bytes(`k${lane}`));

/** Repeats a call in parallel lanes, and prints what it costs. */
async function measure(name: string, call: (lane: number) => Promise<unknown>): Promise<void> {
  const pid = cloud.process.pid ?? 0;
  const latenciesMs: number[] = [];
  const cpuBeforeMs = await cpuMs(pid);
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    for (let done = lane; done < CALLS; done += LANES) {
      const startedMs = performance.now();
      await call(lane);
      latenciesMs.push(performance.now() - startedMs);
    }
  });
  await Promise.all(lanes);
  const costMs = ((await cpuMs(pid)) - cpuBeforeMs) / CALLS;
  const medianMs = latenciesMs.sort((a, b) => a - b)[CALLS / 2] ?? 0;
  const cells = [name.padEnd(14), medianMs.toFixed(2).padStart(18), costMs.toFixed(3).padStart(21)];
  console.log(`| ${cells.join(' | ')} |`);
}
