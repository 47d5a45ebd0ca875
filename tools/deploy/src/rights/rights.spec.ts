import { startTestCloud } from '@labelfleet/aws/testing';
import { startApp } from '@labelfleet/testkit/app-process';
import { FaultsClient, type FaultHit } from '@labelfleet/testkit/faults-client';
import { startHttpServer, type HttpServer } from '@labelfleet/testkit/http-server';
import { until } from '@labelfleet/testkit/until';
import type { Queue } from '@labelfleet/aws/queue';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { allowing, type IamCall, objectCall, queueCall } from '../testing/iam.ts';
import { iamCalls, instruct, launchCalls, NAMES } from '../testing/recorded-calls.ts';
import { POLICIES, ROLES, type Role } from './policies.ts';

const workspace = join(import.meta.dirname, '../../../..');
/** Too large for its message, so workers fetch it. */
const LARGE_IMAGE = await readFile(join(workspace, 'examples/alp.jpg'));
const AMI = 'ami-0123456789abcdef0';

/** Rights that the recorded run does not use, and what does. */
const NOT_IN_THE_RUN: Readonly<Record<Role, Readonly<Record<string, string>>>> = {
  gateway: {
    's3:GetObject lf-state/usage/*': 'when callers have API keys',
    's3:PutObject lf-state/usage/*': 'when callers have API keys',
    's3:GetObject photos/2026/*': 'when a job has a manifest',
    'sqs:SendMessage lf-webhooks-dead-letters': 'when a webhook has failed for a day',
  },
  worker: {
    's3:GetObject lf-state/fleet/snapshot.json': 'when it has been idle for a minute',
    'sqs:ChangeMessageVisibility lf-batch': 'when a chunk takes longer than 10 s',
    'sqs:ChangeMessageVisibility lf-requests': 'when a request takes longer than 10 s',
  },
  scaler: {
    's3:DeleteObject lf-state/jobs/active/*': 'when who completed a job died before it did',
    'sqs:ChangeMessageVisibility lf-batch-dead-letters': 'when another version sent it',
    'sqs:ChangeMessageVisibility lf-dead-letters': 'when an attempt may still complete it',
    'sqs:DeleteQueue lf-replies-*': 'when a gateway has been dead for 15 minutes',
    'sqs:SendMessage lf-batch': 'when a job stands still, or a dead letter is of one that is open',
  },
};

const calls: Record<Role, FaultHit[]> = { gateway: [], worker: [], scaler: [] };

/** Records the calls of the three apps while images and a job are classified and the fleet grows and goes back to zero. */
async function record(): Promise<void> {
  await promisify(execFile)('npx', ['nx', 'run-many', '-t', 'build', '-p', ROLES.join(',')], {
    cwd: workspace,
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  const main = (app: Role) => join(workspace, 'dist/apps', app, 'main.js');
  await using cloud = await startTestCloud({
    images: { [AMI]: { command: [process.execPath, main('worker')] } },
  });
  const faults = new FaultsClient(cloud.endpoint);
  for (const bucket of ['lf-input', 'lf-output', 'lf-state', 'photos', 'labels']) {
    await cloud.createBucket(bucket);
  }
  await cloud.s3.store('photos').put('2026/alp.jpg', LARGE_IMAGE, { contentType: 'image/jpeg' });
  const deadLetters = await cloud.createQueue('lf-dead-letters');
  const batchDeadLetters = await cloud.createQueue('lf-batch-dead-letters');
  await cloud.sqs.queue(batchDeadLetters).send({ body: 'none of a job' });
  const environment = {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: cloud.endpoint,
    REQUEST_QUEUE_URL: await cloud.createQueue('lf-requests'),
    FLEET_EVENT_QUEUE_URL: await cloud.createQueue('lf-fleet-events'),
    WEBHOOK_QUEUE_URL: await cloud.createQueue('lf-webhooks'),
    BATCH_QUEUE_URL: await cloud.createQueue('lf-batch'),
    INPUT_BUCKET: 'lf-input',
    OUTPUT_BUCKET: 'lf-output',
    STATE_BUCKET: 'lf-state',
    POLL_SECONDS: '1',
    INFERENCE_THREADS: '1',
  };
  const template = await cloud.createWorkerTemplate(AMI, environment);
  // It changes nothing, and the local cloud writes down each call that it matches.
  await faults.set({ id: 'record', kind: 'latency', seconds: 0, action: '*' });
  const as = (role: Role) => ({
    ...cloud.environment,
    ...environment,
    AWS_ACCESS_KEY_ID: role,
    REPLY_QUEUE_PREFIX: 'lf-replies-',
    FLEET_NAME: 'lf',
    PORT: '0',
    METRICS_PORT: '0',
  });
  await using receiver = await startReceiver();
  await cloud.s3.store('lf-state').put('access/receivers.json', receiversFile(receiver.url), {
    contentType: 'application/json',
  });
  {
    await using gateway = startApp(main('gateway'), {
      ...as('gateway'),
      WEBHOOKS_FILE: 's3://lf-state/access/receivers.json',
      JOB_SOURCES: 'photos/2026',
      JOB_DESTINATIONS: 'labels',
      API_KEYS_FILE: 's3://lf-state/access/api-keys.json',
      ALLOW_ANONYMOUS: 'true',
      WEBHOOK_DEAD_LETTER_QUEUE_URL: await cloud.createQueue('lf-webhooks-dead-letters'),
      WEBHOOKS_ALLOW_LOOPBACK: 'true',
    });
    const url = await gateway.url;
    const ready = async () => (await fetch(new URL('/readyz', url))).ok;
    await until('the gateway is ready', ready, { timeoutMs: 20_000 });
    const post = async (path: string, headers: Record<string, string> = {}) =>
      fetch(new URL(path, url), {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg', ...headers },
        body: LARGE_IMAGE,
      });
    const later = { prefer: 'respond-async', notify: 'archive' };

    // One that can be classified is a dead letter, and one whose deadline is over.
    await post('/v1/classifications', later);
    const short = await post('/v1/classifications', { ...later, 'x-deadline-seconds': '1' });
    expect(short.status).toBe(202);
    const deadlineMs = Date.now() + 1000;
    await moveMessages(
      cloud.sqs.queue(environment.REQUEST_QUEUE_URL),
      cloud.sqs.queue(deadLetters),
    );
    const { id } = (await (await post('/v1/classifications', later)).json()) as { id: string };
    await fetch(new URL(`/v1/classifications/${id}/cancel`, url), { method: 'POST' });

    await until('the deadline is over', async () => Date.now() > deadlineMs, { timeoutMs: 5000 });
    await faults.set({ kind: 'duplicate-delivery', match: { queue: 'lf-requests' }, count: 2 });
    await using scaler = startApp(main('scaler'), {
      ...as('scaler'),
      DEAD_LETTER_QUEUE_URL: deadLetters,
      BATCH_DEAD_LETTER_QUEUE_URL: batchDeadLetters,
      WORKER_LAUNCH_TEMPLATE: template.name,
      MAX_WORKERS: '1',
      TICK_SECONDS: '0.5',
      IDLE_BEFORE_RELEASE_SECONDS: '1',
    });
    await scaler.url;
    const posted = await fetch(new URL('/v1/jobs', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'job', notify: 'archive' },
      body: JSON.stringify({
        source: { prefix: 's3://photos/2026/' },
        destination: 's3://labels/',
      }),
    });
    expect(posted.status).toBe(202);
    const job = (await posted.json()) as { links: { self: string; results: string } };
    for (const key of ['a', 'a']) {
      const answer = await post('/v1/classifications', { 'idempotency-key': key });
      expect(answer.status).toBe(200);
    }
    const form = new FormData();
    form.set('a', new Blob([LARGE_IMAGE]));
    const batch = await fetch(new URL('/v1/batches', url), { method: 'POST', body: form });
    expect(batch.status).toBe(200);
    const { links } = (await batch.json()) as { links: { self: string } };
    expect((await fetch(new URL(links.self, url))).status).toBe(200);
    for (const path of ['/v1/fleet', '/v1/models']) {
      // Scaler and worker publish them soon after their start.
      const isThere = async () => (await fetch(new URL(path, url))).status === 200;
      await until(`${path} is there`, isThere, { timeoutMs: 30_000 });
    }
    const isDone = async () => {
      const { status } = (await (await fetch(new URL(job.links.self, url))).json()) as {
        status: string;
      };
      return status === 'succeeded';
    };
    await until('the job has succeeded', isDone, { timeoutMs: 60_000 });
    const results = await fetch(new URL(job.links.results, url));
    expect(await results.text()).toContain('alp');
    expect((await fetch(new URL('/v1/jobs', url))).status).toBe(200);
    // The first is refused, and sent again.
    await until('webhooks arrive', async () => receiver.count() >= 5, { timeoutMs: 60_000 });
    const isEmpty = async () =>
      (await cloud.ec2.fleet.list('labelfleet:fleet', 'lf')).every(
        ({ state }) => state === 'terminated',
      );
    await until('the fleet is empty', isEmpty, { timeoutMs: 60_000 });
  }
  const log = await faults.log();
  expect(log.length).toBeLessThan(1000);
  for (const hit of log) calls[roleOf(hit)]?.push(hit);
}

/** A receiver of webhooks that refuses the first one. */
async function startReceiver(): Promise<HttpServer & { count: () => number }> {
  let count = 0;
  const server = await startHttpServer((request, response) => {
    count += 1;
    request.resume().once('end', () => response.writeHead(count === 1 ? 500 : 204).end());
  });
  return { ...server, count: () => count };
}

function receiversFile(url: URL): string {
  const secrets = [`whsec_${randomBytes(32).toString('base64')}`];
  return JSON.stringify({ receivers: [{ name: 'archive', url, secrets }] });
}

/** Moves what is visible, as SQS does with what was received too often. */
async function moveMessages(from: Queue, to: Queue): Promise<void> {
  const received = await from.receive({
    maxMessages: 10,
    waitSeconds: 0,
    visibilityTimeoutSeconds: 60,
  });
  for (const message of received) {
    await to.send({ body: message.body });
    await from.ack(message.receipt);
  }
}

/** Workers have the keys of their instances; others that of the test are not of a role. */
function roleOf({ facts }: FaultHit): Role {
  const [caller = ''] = facts['caller'] ?? [];
  if (caller.startsWith('ASIA')) return 'worker';
  return caller as Role;
}

describe('an end-to-end run', () => {
  beforeAll(record, 180_000);

  test.each(ROLES)('%s: all its calls are allowed', (role) => {
    const statements = POLICIES[role](NAMES);
    const denied = calls[role].flatMap(iamCalls).filter((call) => !allowing(statements, call));
    expect([calls[role].length > 10, denied]).toEqual([true, []]);
  });

  test.each(ROLES)('%s: every right is used, or it is known by what', (role) => {
    const used = calls[role]
      .flatMap(iamCalls)
      .map(({ action, resource }) => ({ action, resource }));
    const unused = POLICIES[role](NAMES).flatMap(({ Action, Resource, ...statement }) =>
      Action.flatMap((action) =>
        Resource.filter((resource) => {
          const right = { ...statement, Action: [action], Resource: [resource], Condition: {} };
          return !used.some((call) => allowing([right], call) !== undefined);
        }).map((resource) => `${action} ${resource.split(':').at(-1)}`),
      ),
    );
    expect(unused.sort()).toEqual(Object.keys(NOT_IN_THE_RUN[role]).sort());
  });
});

describe('what no role may do', () => {
  const denied = (statements: ReturnType<(typeof POLICIES)[Role]>, call: IamCall) =>
    expect([call, allowing(statements, call)]).toEqual([call, undefined]);
  const { inputBucket, stateBucket, requestQueue, deadLetterQueue, batchQueue } = NAMES;
  const lease = (action: string) => objectCall(stateBucket, 'fleet/lease.json', action);
  const reply = NAMES.replyQueues.replace('*', 'x');

  test.each([
    ...launchCalls(),
    instruct(['i-1'], ['labelfleet:drain']),
    lease('GetObject'),
    lease('PutObject'),
    objectCall(stateBucket, 'fleet/snapshot.json', 'PutObject'),
    objectCall(stateBucket, 'attempts/x', 'PutObject'),
    objectCall(inputBucket, 'x', 'DeleteObject'),
    queueCall(requestQueue, 'ReceiveMessage'),
    queueCall(requestQueue, 'DeleteQueue'),
    queueCall(deadLetterQueue, 'ReceiveMessage'),
    queueCall(batchQueue, 'ReceiveMessage'),
    objectCall(stateBucket, 'jobs/active/x', 'DeleteObject'),
    objectCall(stateBucket, 'access/api-keys.json', 'PutObject'),
    objectCall('arn:aws:s3:::photos', '2025/x', 'GetObject'),
    objectCall('arn:aws:s3:::labels', 'x', 'PutObject'),
  ])('gateway: $action on $resource', (call) => denied(POLICIES.gateway(NAMES), call));

  test.each([
    ...launchCalls(),
    instruct(['i-1'], ['labelfleet:drain']),
    lease('GetObject'),
    lease('PutObject'),
    objectCall(inputBucket, 'x', 'PutObject'),
    queueCall(requestQueue, 'SendMessage'),
    queueCall(reply, 'ReceiveMessage'),
    queueCall(reply, 'DeleteQueue'),
    objectCall(stateBucket, 'jobs/x/job.json', 'DeleteObject'),
    objectCall(stateBucket, 'access/receivers.json', 'GetObject'),
    objectCall('arn:aws:s3:::photos', '2026/x', 'PutObject'),
    objectCall('arn:aws:s3:::labels', 'x', 'DeleteObject'),
  ])('worker: $action on $resource', (call) => denied(POLICIES.worker(NAMES), call));

  const [launch] = launchCalls();
  const launchWith = (over: Record<string, string>) => launchCalls(over).slice(0, 1);
  test.each([
    ...launchWith({ 'ec2:InstanceType': 'p5.48xlarge' }),
    ...launchWith({ 'ec2:InstanceProfile': 'arn:aws:iam::000000000000:instance-profile/admin' }),
    ...launchWith({ 'ec2:MetadataHttpTokens': 'optional' }),
    ...launchWith({ 'aws:RequestTag/labelfleet:fleet': 'other' }),
    ...launchWith({ 'ec2:LaunchTemplate': NAMES.ec2('launch-template/lt-2') }),
    { ...launch, resource: NAMES.ec2('subnet/subnet-x') },
    { ...launch, resource: 'arn:aws:ec2:us-east-1::image/ami-2' },
    { action: 'iam:PassRole', resource: 'arn:aws:iam::000000000000:role/admin' },
    instruct(['i-1'], ['labelfleet:drain', 'Name']),
    instruct(['i-1'], []),
    instruct(['i-1'], ['labelfleet:drain'], { 'aws:ResourceTag/labelfleet:fleet': 'other' }),
    {
      action: 'ec2:TerminateInstances',
      resource: NAMES.ec2('instance/i-1'),
      context: { 'aws:ResourceTag/labelfleet:fleet': 'other' },
    },
    objectCall(inputBucket, 'x', 'PutObject'),
    queueCall(requestQueue, 'DeleteQueue'),
    queueCall(requestQueue, 'ReceiveMessage'),
    queueCall(batchQueue, 'ReceiveMessage'),
    objectCall(stateBucket, 'jobs/x/job.json', 'PutObject'),
    objectCall(stateBucket, 'access/receivers.json', 'GetObject'),
    objectCall(stateBucket, 'jobs/x/job.json', 'DeleteObject'),
  ] as IamCall[])('scaler: $action on $resource', (call) => denied(POLICIES.scaler(NAMES), call));
});
