import { fakeSqs } from '@labelfleet/aws/testing';
import { createLogger } from '@labelfleet/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReplyQueue } from './reply-queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const log = createLogger({ app: 'gateway', level: 'silent' });

test("a gateway's queue gets a new alive tag every minute and is deleted with the gateway", async () => {
  const sqs = fakeSqs();
  const queue = await createReplyQueue(sqs.admin, () => 'replies-1', log);
  const aliveAt = () => Date.parse(sqs.tags(queue.url)?.['alive-at'] ?? '');
  const createdAt = aliveAt();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(aliveAt() - createdAt).toBe(120_000);
  await queue[Symbol.asyncDispose]();
  expect(sqs.tags(queue.url)).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

test('a queue that was deleted is replaced by another, which is tagged and deleted at the end', async () => {
  const sqs = fakeSqs();
  let created = 0;
  const queue = await createReplyQueue(sqs.admin, () => `replies-${(created += 1)}`, log);
  const first = queue.url;
  await sqs.admin.delete(first);
  await queue.replace();
  expect(queue.url).not.toBe(first);
  const before = { ...sqs.tags(queue.url) };
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sqs.tags(queue.url)).not.toEqual(before);
  await queue[Symbol.asyncDispose]();
  expect(sqs.tags(queue.url)).toBeUndefined();
});

test('a queue that can be neither tagged nor deleted causes no error', async () => {
  const sqs = fakeSqs({
    beforeCall: (operation) => {
      if (operation === 'TagQueue' || operation === 'DeleteQueue') throw new Error('unreachable');
    },
  });
  const admin = { ...sqs.admin, create: async () => sqs.createQueue('replies-1') };
  const queue = await createReplyQueue(admin, () => 'replies-1', log);
  await vi.advanceTimersByTimeAsync(60_000);
  await expect(queue[Symbol.asyncDispose]()).resolves.toBeUndefined();
});
