import { fakeS3 } from '@labelfleet/aws/testing';
import { encodeStoredResult, resultKey } from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { checkOverdue } from './overdue-watch.ts';
import { PendingReplies } from './pending-replies.ts';
import { ResultStore } from './result-store.ts';
import { NO_FLEET, someRequestId, succeeded } from '../testing/results.ts';

test('finds a result whose reply was lost in the store, even if another check fails and another result does not exist yet', async () => {
  const s3 = fakeS3();
  s3.createBucket('output');
  const output = s3.store('output');
  let nowMs = 0;
  const pending = new PendingReplies(() => nowMs);
  const result = succeeded();
  const [broken, early] = [someRequestId(), someRequestId()];
  for (const [id, body] of [
    [result.id, encodeStoredResult(result)],
    [broken, 'no result'],
  ] as const)
    await output.put(resultKey(id), body, { contentType: 'application/json' });
  const waits = [broken, early, result.id].map((id) => pending.register(id));

  const metrics = createMetrics({
    fleet: NO_FLEET,
    inflightUploadBytes: () => 0,
    maxUploadBytes: 1,
    waiters: () => pending.size,
  });
  const deps = {
    pending,
    results: new ResultStore(output),
    metrics,
    costs: { count: () => {} },
    log: createLogger({ app: 'gateway', level: 'silent' }),
  };
  await checkOverdue(deps);
  expect(pending.size).toBe(3); // none is overdue yet
  nowMs = 5_000;
  await checkOverdue(deps);
  expect(pending.size).toBe(2);
  expect(await waits[2]?.wait(0, new AbortController().signal)).toEqual({
    kind: 'completed',
    result,
  });
  expect((await metrics.foundInStore.get()).values[0]?.value).toBe(1);
});

test('finds the results of a batch by one listing, and reads only those that exist', async () => {
  const calls: string[] = [];
  const s3 = fakeS3({ beforeCall: async (operation) => void calls.push(operation) });
  s3.createBucket('output');
  const output = s3.store('output');
  let nowMs = 0;
  const pending = new PendingReplies(() => nowMs);
  const results = Array.from({ length: 20 }, () => succeeded());
  for (const { id } of results) pending.register(id);
  const store = new ResultStore(output);
  for (const result of results.slice(0, 5))
    await output.put(resultKey(result.id), encodeStoredResult(result), {
      contentType: 'application/json',
    });
  calls.length = 0;
  nowMs = 5_000;
  const metrics = createMetrics({
    fleet: NO_FLEET,
    inflightUploadBytes: () => 0,
    maxUploadBytes: 1,
    waiters: () => pending.size,
  });
  const log = createLogger({ app: 'gateway', level: 'silent' });
  const costs = { count: () => undefined };
  await checkOverdue({ pending, results: store, metrics, costs, log });
  expect(pending.size).toBe(15);
  expect(calls).toEqual(['ListObjectsV2', ...Array<string>(5).fill('GetObject')]);

  // They are cached, because a result never changes.
  const ids = results.slice(0, 5).map(({ id }) => id);
  expect(await store.findMany(ids)).toHaveLength(5);
  expect(calls).toHaveLength(6);
});
