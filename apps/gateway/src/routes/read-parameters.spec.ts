import { expect, test } from 'vitest';
import { readParameters, type ResponseType } from './read-parameters.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

const read = (
  headers: Record<string, string>,
  query: Record<string, string> = {},
  { offered = ['application/json'], replyTimeoutMs = 1_000 }: Partial<Offer> = {},
) =>
  readParameters(
    { header: (name) => new Headers(headers).get(name) ?? undefined, query: (name) => query[name] },
    {
      ...{ offered, replyTimeoutMs, minPrecision: undefined, receivedAt: NOW },
      ...{ caller: undefined, receivers: undefined },
    },
  );

interface Offer {
  offered: readonly ResponseType[];
  replyTimeoutMs: number;
}

test.each<Offer & { prefer?: string; waitMs: number }>([
  { offered: ['application/json'], replyTimeoutMs: 300_000, waitMs: 55_000 },
  { offered: ['application/json'], replyTimeoutMs: 300_000, prefer: 'wait=120', waitMs: 120_000 },
  { offered: ['application/json'], replyTimeoutMs: 20_000, waitMs: 20_000 },
  { offered: ['text/plain', 'application/json'], replyTimeoutMs: 300_000, waitMs: 300_000 },
])('a caller of an address that offers $offered waits for $waitMs ms', (row) => {
  const headers = row.prefer === undefined ? {} : { prefer: row.prefer };
  expect(read(headers, {}, row)).toMatchObject({ wait: { waitMs: row.waitMs } });
});

test.each([
  ['1', '2026-03-01T12:00:01.000Z'],
  ['86400', '2026-03-02T12:00:00.000Z'],
])('takes the deadline X-Deadline-Seconds: %s', (seconds, deadlineAt) => {
  expect(read({ 'x-deadline-seconds': seconds })).toMatchObject({ options: { deadlineAt } });
});

test.each(['0', '86401', '1.5', '-1', 'soon', '', '1e3', '0x10'])(
  'refuses X-Deadline-Seconds: %s',
  (seconds) => {
    expect(read({ 'x-deadline-seconds': seconds })).toMatchObject({
      code: 'invalid-parameter',
      detail: 'X-Deadline-Seconds must be a whole number from 1 to 86400.',
    });
  },
);

test.each(['0', '11', '1.0', '', '-1', 'five'])('refuses topK=%s', (topK) => {
  expect(read({}, { topK })).toMatchObject({
    code: 'invalid-parameter',
    detail: 'topK must be a whole number from 1 to 10.',
  });
});

test('returns five predictions by default', () => {
  expect(read({})).toMatchObject({ options: { topK: 5 } });
});

test.each(['0192f0c1-7a8b', '"quoted"', '!~', 'k'.repeat(255)])(
  'takes the Idempotency-Key %s',
  (key) => {
    expect(read({ 'idempotency-key': key })).toMatchObject({ idempotencyKey: { key } });
  },
);

test.each(['', 'k'.repeat(256), 'two words', 'first, second', 'Schl\u00fcssel', 'tab\tkey'])(
  'refuses the Idempotency-Key %j',
  (key) => {
    expect(read({ 'idempotency-key': key })).toMatchObject({
      code: 'invalid-parameter',
      detail: 'Idempotency-Key must have 1 to 255 visible ASCII characters.',
    });
  },
);
