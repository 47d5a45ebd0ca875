import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeSqs, startTestCloud, type CallHook } from '@labelfleet/aws/testing';
import { createLogger } from '@labelfleet/runtime';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../metrics.ts';
import { ORPHANED_AFTER_MS } from './orphaned-reply-queue.ts';
import { sweepReplyQueues, sweepReplyQueuesPeriodically } from './reply-queue-sweep.ts';
import { TestClock } from '../testing/test-clock.ts';

const NOW = Date.UTC(2026, 0, 1);
const DEAD = { 'alive-at': new Date(NOW - ORPHANED_AFTER_MS).toISOString() };
const LIVING = { 'alive-at': new Date(NOW - 60_000).toISOString() };
const log = createLogger({ app: 'scaler', level: 'silent' });
const goOn = new AbortController().signal;

const partsOn = (
  queues: Parameters<typeof sweepReplyQueues>[0]['queues'],
  keep: string[] = [],
) => ({
  queues,
  namePrefix: 'replies-',
  keep,
  metrics: new Metrics(),
  log,
  clock: new TestClock(NOW),
});

const failing =
  (operation: string, queue: string): CallHook =>
  (called, resource) => {
    if (called === operation && resource.endsWith(queue))
      throw new AwsCallError(operation, { code: 'ServiceUnavailable', message: 'later' });
  };

/** Queues as gateways leave them, and others that look like theirs. */
async function queuesOf(beforeCall?: CallHook) {
  const sqs = fakeSqs(beforeCall && { beforeCall });
  const make = (name: string, tags: Record<string, string>) =>
    sqs.admin.create(name, { retentionSeconds: 60, tags });
  const urls = {
    dead: await make('replies-dead', DEAD),
    living: await make('replies-living', LIVING),
    fixed: await make('replies-fixed', {}),
    elsewhere: await make('other-replies-dead', DEAD),
    kept: await make('replies-kept', DEAD),
    alsoDead: await make('replies-z-dead', DEAD),
  };
  const left = () =>
    Object.entries(urls)
      .filter(([, url]) => sqs.tags(url) !== undefined)
      .map(([name]) => name);
  return { sqs, urls, left };
}

describe('a sweep of reply queues', () => {
  it('deletes only the queues of dead gateways', async () => {
    const { sqs, urls, left } = await queuesOf();
    const parts = partsOn(sqs.admin, [urls.kept]);
    await sweepReplyQueues(parts, goOn);
    expect(left()).toEqual(['living', 'fixed', 'elsewhere', 'kept']);
    expect(await parts.metrics.registry.metrics()).toContain(
      'labelfleet_reply_queues_swept_total{outcome="deleted"} 2',
    );
  });

  it.each([
    ['the list', failing('ListQueues', ''), ['dead', 'alsoDead']],
    ['the tags of one', failing('ListQueueTags', '/replies-dead'), ['dead']],
    ['the deletion of one', failing('DeleteQueue', '/replies-dead'), ['dead']],
  ])('that fails at %s is completed by the next sweep', async (_, beforeCall, dead) => {
    let broken = true;
    const { sqs, urls, left } = await queuesOf((...call) =>
      broken ? beforeCall(...call) : undefined,
    );
    const parts = partsOn(sqs.admin, [urls.kept]);
    await sweepReplyQueues(parts, goOn);
    expect(left().filter((name) => /dead/i.test(name))).toEqual(dead);
    broken = false;
    await sweepReplyQueues(parts, goOn);
    expect(left()).toEqual(['living', 'fixed', 'elsewhere', 'kept']);
  });

  it('runs every 5 minutes until it is stopped', async () => {
    const { sqs, left } = await queuesOf();
    const stopping = new AbortController();
    const waits: number[] = [];
    const clock = {
      unixMs: () => NOW,
      async sleep(ms: number) {
        waits.push(ms);
        if (waits.length === 2) stopping.abort();
      },
    };
    await sweepReplyQueuesPeriodically({ ...partsOn(sqs.admin), clock }, stopping.signal);
    expect(waits).toEqual([300_000, 300_000]);
    expect(left()).toEqual(['living', 'fixed', 'elsewhere']);
  });
});

it("deletes a dead gateway's queue on local-cloud and keeps a living one's", async () => {
  await using cloud = await startTestCloud();
  const { admin } = cloud.sqs;
  const [dead, living] = await Promise.all([
    admin.create('replies-dead', { retentionSeconds: 60, tags: DEAD }),
    admin.create('replies-living', { retentionSeconds: 60, tags: LIVING }),
  ]);
  await sweepReplyQueues(partsOn(admin), goOn);
  expect(await admin.tags(dead)).toBe('queue-gone');
  expect(await admin.tags(living)).toEqual(LIVING);
});
