import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { cpus, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { startLocalCloud, type LocalCloudProcess } from '@labelfleet/testkit/local-cloud';
import { measure, type Measured } from './measure.ts';
import { RawClient } from './raw-client.ts';
import { rawWorkload } from './raw-workload.ts';
import { sdkWorkload } from './sdk-workload.ts';
import { cpuMs } from '@labelfleet/testkit/cpu-time';
import { runWorkload } from './workloads.ts';

const LANES = 8;
const RAW_REQUESTS = 4_000;
const SDK_REQUESTS = 1_000;
const IDLE_POLLS = 20;
const IDLE_MS = 10_000;

const [cpu] = cpus();
console.log(
  `${cpus().length} × ${cpu?.model.trim()}, Linux ${release()}, Node ${process.versions.node}; ` +
    `${LANES} calls at a time, client and server on the same machine\n`,
);

const client = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'x' } };

for (const storage of ['memory', 'durable']) {
  await using cloud = await startLocalCloud({ env: { LOCAL_CLOUD_STORAGE: storage } });
  const sqs = new SQSClient({ ...client, endpoint: cloud.endpoint });
  const s3 = new S3Client({ ...client, endpoint: cloud.endpoint, forcePathStyle: true });
  using raw = new RawClient(cloud.endpoint);
  const pid = cloud.process.pid ?? 0;
  const newPlace = async (name: string) => {
    await s3.send(new CreateBucketCommand({ Bucket: name }));
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    return { queueUrl: QueueUrl, bucket: name };
  };

  const run = (name: string, requests: number, call: (lane: number) => Promise<void>) =>
    measure(name, { pid, lanes: LANES, requests }, call);
  const byRaw = { ...(await newPlace('raw')), requests: RAW_REQUESTS };
  printTable(`${storage}, by node:http`, await runWorkload(rawWorkload(raw), byRaw, run));
  const bySdk = { ...(await newPlace('sdk')), requests: SDK_REQUESTS };
  printTable(`${storage}, by SDK v3`, await runWorkload(sdkWorkload(sqs, s3), bySdk, run));
  await measureIdlePolls(cloud, raw, (await newPlace('idle')).queueUrl);
  sqs.destroy();
  s3.destroy();
}

function printTable(title: string, rows: readonly Measured[]): void {
  console.log(`| ${title.padEnd(24)} | requests/s | server CPU, ms a request |`);
  console.log(`| ${'-'.repeat(24)} | ---------: | -----------------------: |`);
  for (const { name, requestsPerSecond, cpuMs } of rows) {
    const rate = String(Math.round(requestsPerSecond)).padStart(10);
    console.log(`| ${name.padEnd(24)} | ${rate} | ${cpuMs.toFixed(3).padStart(24)} |`);
  }
  console.log();
}

async function measureIdlePolls(
  { process: server }: LocalCloudProcess,
  raw: RawClient,
  QueueUrl: string,
): Promise<void> {
  const polls = Array.from({ length: IDLE_POLLS }, () =>
    raw.sqs('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }),
  );
  await sleep(1_000); // the idle measurement must not include their launch
  const before = await cpuMs(server.pid ?? 0);
  await sleep(IDLE_MS);
  const usedMs = (await cpuMs(server.pid ?? 0)) - before;
  console.log(`${IDLE_POLLS} idle long polls: ${usedMs} ms of server CPU in ${IDLE_MS / 1000} s\n`);
  const batch = { QueueUrl, MessageBody: 'the end' };
  await Promise.all(polls.map(() => raw.sqs('SendMessage', batch)));
  await Promise.all(polls);
}
