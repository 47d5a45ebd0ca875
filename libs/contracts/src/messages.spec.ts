import { describe, expect, test } from 'vitest';
import { decodeAttemptRecord, encodeAttemptRecord } from './request/attempt-record.ts';
import { decodeStoredBatch, encodeStoredBatch } from './request/batch.ts';
import type { StoredResult } from './result/classification.ts';
import { decodeStoredResult, encodeStoredResult } from './result/classification.ts';
import { decodeFleetEvent, encodeFleetEvent } from './fleet/fleet-event.ts';
import { decodeFleetSnapshot, encodeFleetSnapshot } from './fleet/fleet-snapshot.ts';
import { decodeIdempotencyRecord, encodeIdempotencyRecord } from './request/idempotency-record.ts';
import { makeProblem } from './result/problem-types.ts';
import { decodeReplyMessage, encodeReplyMessage } from './result/reply-message.ts';
import { decodeRequestMessage, encodeRequestMessage } from './request/request-message.ts';
import { decodeWebhookMessage, encodeWebhookMessage } from './webhook/webhook-message.ts';
import { decodeWebhookRecord, encodeWebhookRecord } from './webhook/webhook-record.ts';

const id = '0192f0c1-7a8b-7c3d-9e4f-5a6b7c8d9e0f';
const at = '2026-11-22T04:30:00.000Z';

const request = {
  v: 1,
  requestId: id,
  imageKey: `${id}/cat.jpg`,
  fileName: 'cat.jpg',
  topK: 5,
  replyTo: 'http://127.0.0.1:4566/000000000000/replies-1',
  submittedAt: at,
} as const;

const succeeded: StoredResult = {
  v: 1,
  id,
  status: 'succeeded',
  label: 'goldfish',
  predictions: [{ label: 'goldfish', score: 0.93, classIndex: 0 }],
  model: { name: 'everyday-100', version: '1', sha256: '3b21' },
  submittedAt: at,
  completedAt: at,
  attempts: 1,
  timings: { queuedMs: 12, fetchMs: 4, decodeMs: 3, inferMs: 5, totalMs: 24 },
  worker: 'i-0123456789abcdef0',
};

const cost = {
  currency: 'USD' as const,
  total: 0.0000131,
  instance: 3e-7,
  queue: 2.4e-6,
  store: 0.0000104,
};

const failed: StoredResult = {
  v: 1,
  id,
  status: 'failed',
  submittedAt: at,
  completedAt: at,
  attempts: 1,
  problem: makeProblem('invalid-image', id, 'The file ends before the image does.'),
};

const heartbeat = {
  v: 1,
  type: 'heartbeat',
  instanceId: 'i-0123456789abcdef0',
  at,
  state: 'working',
  slots: 3,
  busySlots: 1,
  idleSeconds: 0,
  imagesCompleted: 7,
  busySeconds: 0.4,
} as const;

const idempotencyRecord = {
  v: 1,
  requestId: id,
  imageSha256: 'ab'.repeat(32),
  fileName: 'cat.jpg',
  topK: 5,
  at,
} as const;

const time = {
  since: at,
  images: 4,
  instanceSeconds: 60,
  total: null,
  parts: { instances: null, queue: 0.00002, store: 0.00005 },
};
const fleetCost = {
  currency: 'USD' as const,
  perHourNow: null,
  perImage: null,
  spotAtMost: false,
  ...time,
  lastHour: time,
};

const snapshot = {
  v: 1 as const,
  at,
  publishedEverySeconds: 10,
  policy: 'backlog-per-worker',
  workers: { booting: 1, idle: 0, busy: 0, draining: 0, suspected: 0 },
  limits: { min: 0, max: 20 },
  queue: { backlog: 3, inFlight: 0, delayed: 0 },
  decision: { at, desired: 1, launched: 1, drained: 0, reason: '3 images for 5 a worker' },
  estimatedWaitSeconds: null,
  learned: { serviceSeconds: null, bootSecondsP50: null, bootSecondsP95: null },
  instances: [{ id: 'i-1', state: 'booting' as const, since: at, completed: 0 }],
  cost: fleetCost,
  history: [{ at, backlog: 3, inFlight: 0, workers: 1 }],
};

const webhook = { v: 1, type: 'classification.completed', id, receiver: 'archive' } as const;

const forms = [
  { name: 'request', decode: decodeRequestMessage, text: encodeRequestMessage(request) },
  {
    name: 'reply',
    decode: decodeReplyMessage,
    text: encodeReplyMessage({ v: 1, result: succeeded }),
  },
  { name: 'succeeded result', decode: decodeStoredResult, text: encodeStoredResult(succeeded) },
  {
    name: 'result with its cost',
    decode: decodeStoredResult,
    text: encodeStoredResult({ ...succeeded, cost }),
  },
  { name: 'failed result', decode: decodeStoredResult, text: encodeStoredResult(failed) },
  { name: 'fleet event', decode: decodeFleetEvent, text: encodeFleetEvent(heartbeat) },
  {
    name: 'idempotency record',
    decode: decodeIdempotencyRecord,
    text: encodeIdempotencyRecord(idempotencyRecord),
  },
  {
    name: 'attempt record',
    decode: decodeAttemptRecord,
    text: encodeAttemptRecord({
      v: 1,
      attempts: [{ nonce: 'a', worker: 'i-1', at, endsAt: '2026-11-22T04:31:15.000Z' }],
    }),
  },
  {
    name: 'batch',
    decode: decodeStoredBatch,
    text: encodeStoredBatch({
      v: 1,
      id,
      items: [
        { customId: 'mine', fileName: 'a.jpg', sha256: 'ab'.repeat(32), requestId: id },
        { fileName: 'notes.txt', problem: makeProblem('unsupported-media-type', id, 'Text.') },
      ],
    }),
  },
  { name: 'fleet snapshot', decode: decodeFleetSnapshot, text: encodeFleetSnapshot(snapshot) },
  { name: 'webhook message', decode: decodeWebhookMessage, text: encodeWebhookMessage(webhook) },
  {
    name: 'webhook record',
    decode: decodeWebhookRecord,
    text: encodeWebhookRecord({
      ...{ v: 1, message: webhook, tries: 2, firstTriedAt: at, lastTriedAt: at, nextTryAt: null },
      error: 'The receiver answered 500.',
    }),
  },
];

describe.each(forms)('a $name', ({ decode, text }) => {
  test('is decoded as it was encoded', () => {
    expect(decode(text)).toEqual({ kind: 'decoded', value: JSON.parse(text) as unknown });
  });

  test.each([
    ['is not JSON', text.slice(0, -1), 'not JSON'],
    ['is JSON of a different shape', '[]', 'expected object'],
    ['has no version', text.replace('"v":1', '"w":1'), 'v'],
    ['has an unknown version', text.replace('"v":1', '"v":2'), 'v'],
  ])('that %s is decoded as malformed with a reason', (_, malformed, reason) => {
    const decoded = decode(malformed);
    expect(decoded.kind).toBe('malformed');
    if (decoded.kind === 'malformed') expect(decoded.reason).toContain(reason);
  });
});

test('a request message with the longest names is smaller than 1 KB', () => {
  const longest = {
    ...request,
    imageKey: `${id}/${'a'.repeat(128)}`,
    fileName: 'n'.repeat(255),
    replyTo: `https://sqs.ap-southeast-2.amazonaws.com/123456789012/${'q'.repeat(80)}`,
    deadlineAt: at,
    resent: true as const,
  };
  expect(Buffer.byteLength(encodeRequestMessage(longest))).toBeLessThan(1024);
});

test.each([
  ['a request id of another UUID version', { requestId: '9b2f6a1e-3c4d-4e5f-8a9b-0c1d2e3f4a5b' }],
  ['a topK over the limit', { topK: 11 }],
  ['a reply address that is not a URL', { replyTo: 'replies' }],
])('%s makes a request message malformed', (_, change) => {
  expect(decodeRequestMessage(JSON.stringify({ ...request, ...change })).kind).toBe('malformed');
});
