import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import {
  encodeWebhookMessage,
  encodeWebhookRecord,
  makeRequestId,
  webhookId,
  webhookRecordKey,
  type WebhookMessage,
  type WebhookRecord,
} from '@labelfleet/contracts';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

const POLL = { maxMessages: 10, waitSeconds: 0, visibilityTimeoutSeconds: 0 };

let cloud: TestCloud;
beforeAll(async () => void (cloud = await startTestCloud()));
afterAll(() => cloud[Symbol.asyncDispose]());

let names = 0;
let environment: Record<string, string>;
beforeEach(async () => {
  names += 1;
  const bucket = `state-${names}`;
  await cloud.createBucket(bucket);
  environment = {
    ...cloud.environment,
    WEBHOOK_QUEUE_URL: await cloud.createQueue(`webhooks-${names}`),
    WEBHOOK_DEAD_LETTER_QUEUE_URL: await cloud.createQueue(`webhooks-${names}-dead`),
    STATE_BUCKET: bucket,
  };
});

async function webhooks(...args: string[]) {
  const script = join(import.meta.dirname, 'webhooks.ts');
  const { PATH } = process.env;
  const child = spawn(process.execPath, [script, ...args], { env: { PATH, ...environment } });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exited, stdout, stderr };
}

const queueOf = (variable: 'WEBHOOK_QUEUE_URL' | 'WEBHOOK_DEAD_LETTER_QUEUE_URL') =>
  cloud.sqs.queue(environment[variable] ?? '');
const bodies = async (...args: Parameters<typeof queueOf>) =>
  (await queueOf(...args).receive(POLL)).map(({ body }) => body).sort();

const aWebhook = (): WebhookMessage => ({
  ...{ v: 1, type: 'classification.completed', receiver: 'archive' },
  id: makeRequestId(Date.UTC(2026, 0, 1), randomBytes(10)),
});

async function failed(message: WebhookMessage, nextTryAt: string | null, tries: number) {
  const at = '2026-01-01T00:00:00.000Z';
  const record: WebhookRecord = {
    ...{ v: 1, message, tries, firstTriedAt: at, lastTriedAt: at, nextTryAt },
    error: 'The receiver answered 500.',
  };
  const state = cloud.s3.store(environment['STATE_BUCKET'] ?? '');
  await state.put(webhookRecordKey(message), encodeWebhookRecord(record), {
    contentType: 'application/json',
  });
  if (nextTryAt === null)
    await queueOf('WEBHOOK_DEAD_LETTER_QUEUE_URL').send({ body: encodeWebhookMessage(message) });
  return message;
}

it('lists what waits for its next try, and the dead letters, with their last errors', async () => {
  const dead = await failed(aWebhook(), null, 31);
  const later = await failed(aWebhook(), '2026-01-02T00:00:00.000Z', 9);
  const sooner = await failed(aWebhook(), '2026-01-01T00:00:05.000Z', 1);
  const unknown = aWebhook();
  const deadLetters = queueOf('WEBHOOK_DEAD_LETTER_QUEUE_URL');
  await deadLetters.send({ body: encodeWebhookMessage(unknown) });
  await deadLetters.send({ body: 'of another version' });
  await queueOf('WEBHOOK_QUEUE_URL').send({ body: encodeWebhookMessage(aWebhook()) });

  const error = 'The receiver answered 500.';
  for (let time = 0; time < 2; time++) {
    const { code, stdout, stderr } = await webhooks('list');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'On the outbox queue: 1 to send, 0 sent or waiting.\n',
    });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual([
      `waiting\tarchive\t${webhookId(sooner)}\t1\t2026-01-01T00:00:05.000Z\t${error}`,
      `waiting\tarchive\t${webhookId(later)}\t9\t2026-01-02T00:00:00.000Z\t${error}`,
    ]);
    expect(lines.slice(2)).toHaveLength(3);
    expect(lines).toContain(`dead\tarchive\t${webhookId(dead)}\t31\t\t${error}`);
    expect(lines).toContain(`dead\tarchive\t${webhookId(unknown)}\t\t\t`);
    expect(stdout).toMatch(/^dead\t\t[0-9a-f-]{36}\t\t\tno message of this version$/m);
  }
});

it('replays one webhook, whose day of tries begins anew, and leaves the others', async () => {
  const [one, other] = [await failed(aWebhook(), null, 31), await failed(aWebhook(), null, 31)];
  const id = webhookId(one);
  expect(await webhooks('replay', id)).toEqual({ code: 0, stdout: `${id}\n`, stderr: '' });
  expect(await bodies('WEBHOOK_QUEUE_URL')).toEqual([encodeWebhookMessage(one)]);
  expect(await bodies('WEBHOOK_DEAD_LETTER_QUEUE_URL')).toEqual([encodeWebhookMessage(other)]);
  const state = cloud.s3.store(environment['STATE_BUCKET'] ?? '');
  expect(await state.list('webhooks/', 10)).toEqual([webhookRecordKey(other)]);
});

it('replays all', async () => {
  const dead = [await failed(aWebhook(), null, 31), await failed(aWebhook(), null, 31)];
  const { code, stdout } = await webhooks('replay', '--all');
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n').sort()).toEqual(dead.map(webhookId).sort());
  expect(await bodies('WEBHOOK_QUEUE_URL')).toEqual(dead.map(encodeWebhookMessage).sort());
  expect(await bodies('WEBHOOK_DEAD_LETTER_QUEUE_URL')).toEqual([]);
});

it.each<[string, string[], number, RegExp]>([
  ['an id that is not there', ['replay', 'classification_1'], 1, /^classification_1: not in the/],
  ['no id', ['replay'], 64, /^Give the ids of webhooks to replay, or --all\./],
  ['no command', [], 64, /^Give list, or replay/],
])('says what is wrong with %s', async (_, args, exitCode, why) => {
  const { code, stdout, stderr } = await webhooks(...args);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  expect(stderr).toMatch(why);
});
