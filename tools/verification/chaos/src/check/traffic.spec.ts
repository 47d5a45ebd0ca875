import { encodeStoredBatch, makeProblem, type StoredBatch } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import type { EventOf, HistoryEvent } from '../history/event.ts';
import { check, type TrafficRule } from './check.ts';
import {
  asShown,
  event,
  failed,
  FIRST,
  offered,
  released,
  request,
  second,
  SECOND,
  SETTING,
  stored,
  succeeded,
} from './testing.ts';

const [BATCH, OTHER_BATCH] = [
  '01928d5c-0000-7000-8000-00000000000b',
  '01928d5c-0000-7000-8000-00000000000c',
] as const;
const problem = makeProblem('unsupported-media-type', BATCH, 'in a test');

/** The events of a form with a good image, one that fails, and one that is refused. */
const OFFERS = ['a', 'b', 'c'];
const [goodResult, badResult] = [succeeded(FIRST), failed(SECOND, 'invalid-image')];
const ITEMS = [
  { index: 0, customId: 'a', ...(asShown(goodResult) as { id: string }), status: 'succeeded' },
  { index: 1, customId: 'b', ...(asShown(badResult) as { id: string }), status: 'failed' },
  { index: 2, customId: 'c', status: 'failed', problem },
] as const;
const COUNTS = { total: 3, queued: 0, succeeded: 1, failed: 2, canceled: 0 };
const view = (fields: object = {}) => ({
  ...{ id: BATCH, status: 'completed', counts: COUNTS, items: ITEMS },
  ...fields,
});
const batchAnswered = (body: unknown, fields: Partial<EventOf<'batch-answered'>> = {}) =>
  event(3, {
    ...{ kind: 'batch-answered', batch: 'form', via: 'gateway-2', how: 'get', status: 200, body },
    ...fields,
  });
const storedBatch = (id: string, fields: Partial<StoredBatch> = {}) =>
  stored(
    'state',
    `batches/${id}.json`,
    encodeStoredBatch({
      ...{ v: 1, id, caller: 'shop' },
      items: [
        { customId: 'a', requestId: FIRST },
        { customId: 'b', requestId: SECOND },
        { customId: 'c', problem },
      ],
      ...fields,
    }),
  );
const batched = event(1, {
  ...{ kind: 'batched', batch: 'form', caller: 'shop', how: 'form', notify: true, offers: OFFERS },
});

const opened = (after = '', status = 200) =>
  event(3, { kind: 'opened', reader: 'r', of: 'form', via: 'gateway-1', after, status });
const streamed = (type: string, data: unknown, id = '') =>
  event(3, { kind: 'streamed', reader: 'r', type, id, data });
const done = streamed('done', { id: BATCH, status: 'completed', counts: COUNTS });
// The ids are the bits 100, 101 and 111, the highest first.
const [LATE, SOON, LAST] = ['BA', 'BQ', 'Bw'];
const late = streamed('completed', ITEMS[2], LATE);
const soon = streamed('completed', ITEMS[0], SOON);
const last = streamed('completed', ITEMS[1], LAST);
const STREAM = [opened(), late, soon, opened(SOON), last, done];

const webhook = (
  id: string,
  body: unknown,
  fields: Partial<EventOf<'webhook'>> = {},
  seconds = 4,
) => event(seconds, { kind: 'webhook', id, signed: true, status: 200, body, ...fields });
const ofBatch = { type: 'batch.completed', data: { id: BATCH, status: 'completed' } };
const told = webhook(`batch_${BATCH}`, ofBatch);

/** A call that began and ended at a second of the run. */
const probed = (fields: Partial<EventOf<'probed'>>, seconds = 30) =>
  event(seconds, {
    ...{ kind: 'probed', path: '/x', owner: 'shop', caller: 'press', key: 'press1' },
    ...{ via: 'gateway-1', beganAt: second(seconds), status: 404 },
    ...fields,
  });
const revoked = event(15, { kind: 'revoked', key: 'shop2' });
const ofRevoked = { caller: 'shop', key: 'shop2' };

/** Everything but what a test replaces. */
const IMAGES = [
  ...SETTING,
  ...released(),
  ...request('a', FIRST, goodResult),
  ...request('b', SECOND, badResult, 'broken.png'),
  offered('c', 'text.png'),
];
const listed = (items: unknown) => batchAnswered(items, { how: 'results' });
const WHOLE = [batched, batchAnswered(view()), listed(ITEMS), storedBatch(BATCH)];
const ALL = [...IMAGES, ...WHOLE, ...STREAM, told, probed({}), revoked];
const but = (...events: HistoryEvent[]) => [
  ...ALL.filter((each) => !events.some(({ kind }) => kind === each.kind)),
  ...events,
];

test.each<[string, HistoryEvent[]]>([
  ['a form is followed, and its webhook arrives', ALL],
  ['a form is sent twice', [...ALL, batchAnswered(view(), { how: 'post' })]],
  [
    'results were listed before all were completed',
    [...ALL, listed(ITEMS.slice(1)), listed(ITEMS)],
  ],
  [
    'a reader left before the end and found nothing more',
    but(opened(), late, soon, last, opened(LAST, 204)),
  ],
  [
    'a webhook was sent again after a failure',
    [...ALL, webhook(`batch_${BATCH}`, ofBatch, { status: 500 })],
  ],
  ['a call has no key', [...ALL, probed({ caller: null, key: null, status: 401 })]],
  ['a key is revoked', [...ALL, probed({ ...ofRevoked, status: 401 })]],
  ['a key is used before it is revoked', [...ALL, probed({ ...ofRevoked, status: 200 }, 10)]],
])('finds nothing where %s', (_what, events) => {
  expect(check(events)).toEqual([]);
});

const count = (fields: Partial<typeof COUNTS>) => view({ counts: { ...COUNTS, ...fields } });
const other = { requestId: FIRST, customId: 'a' };

const BREACHES: Record<TrafficRule, [what: string, says: string, events: HistoryEvent[]][]> = {
  'batches are whole': [
    [
      'a form was never completed',
      'form was never completed',
      but(batchAnswered(view({ status: 'running' }))),
    ],
    ['a result is not listed', 'form never listed', [...ALL, listed(ITEMS.slice(1))]],
    [
      'a form became two batches by its answers',
      'form became 2 batches',
      [...ALL, batchAnswered(view({ id: OTHER_BATCH })), storedBatch(OTHER_BATCH)],
    ],
    [
      'a form became two batches in the bucket',
      'form became 2 batches',
      [...ALL, storedBatch(OTHER_BATCH)],
    ],
    [
      'a batch is not stored',
      `${BATCH} is not stored`,
      ALL.filter((each) => !(each.kind === 'stored' && each.bucket === 'state')),
    ],
    [
      'a batch is stored for another caller',
      'is stored for press',
      [...ALL, storedBatch(BATCH, { caller: 'press' })],
    ],
    [
      'a batch is stored with other requests',
      'with other requests than are stored',
      [...ALL, storedBatch(BATCH, { items: [other, other, other] })],
    ],
    [
      'an image is missing',
      'of its 3 images',
      [...ALL, batchAnswered(view({ items: ITEMS.slice(1) }))],
    ],
    [
      'images are in another order',
      'shows its images in another order',
      [...ALL, batchAnswered(view({ items: ITEMS.toReversed() }))],
    ],
    [
      'an image has the name of another',
      'calls image 1 a',
      [...ALL, batchAnswered(view({ items: ITEMS.map((item) => ({ ...item, customId: 'a' })) }))],
    ],
    [
      'an index was another request before',
      'several requests at index 0',
      [...ALL, batchAnswered(view({ items: ITEMS.with(0, { ...ITEMS[0], id: SECOND }) }))],
    ],
    ['the counts are wrong', '"succeeded":2', [...ALL, batchAnswered(count({ succeeded: 2 }))]],
    [
      'a batch is running without a queued image',
      'is running with 0 queued',
      [...ALL, batchAnswered(view({ status: 'running' }))],
    ],
    [
      'a running batch was answered 200',
      'answered 200 while it was running',
      [...ALL, batchAnswered(view({ status: 'running' }), { how: 'post' })],
    ],
    [
      'results are in another order',
      'lists its results in another order',
      [...ALL, batchAnswered(ITEMS.toReversed(), { how: 'results' })],
    ],
    [
      'a queued image is listed as a result',
      'lists a queued image',
      [
        ...ALL,
        batchAnswered([{ index: 0, customId: 'a', id: FIRST, status: 'queued' }], {
          how: 'results',
        }),
      ],
    ],
  ],
  'event streams deliver once': [
    [
      'an image was delivered twice',
      'r of form got image 0 twice',
      but(opened(), late, soon, opened(SOON), soon, last, done),
    ],
    ['an image was not delivered', 'got 2 of 3 images', but(opened(), late, soon, done)],
    [
      'an image was delivered after the end',
      'got completed after done',
      but(opened(), late, soon, done, last),
    ],
    ['a stream ended twice', 'got done after done', but(opened(), late, soon, last, done, done)],
    ['a stream never ended', 'never ended', but(opened(), late, soon, last)],
    [
      'nothing was left although an image was not delivered',
      'got 2 of 3 images',
      but(opened(), late, soon, opened(SOON, 204)),
    ],
    [
      'an id names another set of images',
      'got Bw as the id of 2,0',
      but(opened(), late, streamed('completed', ITEMS[0], LAST), last, done),
    ],
    [
      'a queued image was delivered as completed',
      'as a completed image',
      but(
        opened(),
        late,
        streamed('completed', { index: 0, id: FIRST, status: 'queued' }, SOON),
        last,
        done,
      ),
    ],
    [
      'an image was delivered that the batch has not',
      'got image 9 of 3',
      but(...STREAM, streamed('completed', { ...ITEMS[0], index: 9 }, SOON)),
    ],
    [
      'a stream ended with other counts',
      'was done with',
      but(
        opened(),
        late,
        soon,
        last,
        streamed('done', { id: BATCH, status: 'completed', counts: { ...COUNTS, queued: 1 } }),
      ),
    ],
    ['a stream was refused', 'was answered 400 by gateway-1', [...ALL, opened(LAST, 400)]],
  ],
  'webhooks arrive': [
    [
      'a webhook never arrived',
      `batch_${BATCH} never arrived`,
      ALL.filter(({ kind }) => kind !== 'webhook'),
    ],
    [
      'a webhook was refused and did not come again',
      `batch_${BATCH} never arrived`,
      but(webhook(`batch_${BATCH}`, ofBatch, { status: 500 })),
    ],
    [
      'the webhook of a single image never arrived',
      `classification_${FIRST} never arrived`,
      but(
        ...OFFERS.map((name) =>
          offered(name, name === 'c' ? 'text.png' : name === 'b' ? 'broken.png' : 'ladybug.png', {
            notify: true,
          }),
        ),
      ),
    ],
    [
      'a webhook is not signed',
      'is not signed',
      [...ALL, webhook(`batch_${BATCH}`, ofBatch, { signed: false })],
    ],
    ['a webhook has another id than before', 'has the id x', [...ALL, webhook('x', ofBatch)]],
    [
      'a webhook was not asked for',
      'nobody asked for',
      [
        ...ALL,
        webhook(`classification_${FIRST}`, {
          type: 'classification.completed',
          data: asShown(goodResult),
        }),
      ],
    ],
    [
      'a webhook came before the batch was completed',
      'came before',
      [...ALL, webhook(`batch_${BATCH}`, ofBatch, {}, 0)],
    ],
    ['a webhook has no known form', 'says "hello"', [...ALL, webhook(`batch_${BATCH}`, 'hello')]],
    [
      'a webhook has another result',
      'differs from what is stored',
      [
        ...but(
          ...OFFERS.map((name) =>
            offered(name, name === 'c' ? 'text.png' : name === 'b' ? 'broken.png' : 'ladybug.png', {
              notify: true,
            }),
          ),
        ),
        webhook(`classification_${FIRST}`, {
          type: 'classification.completed',
          data: asShown(succeeded(FIRST, { label: 'ant' })),
        }),
      ],
    ],
  ],
  'callers see only their own': [
    [
      'another caller saw a request',
      '/x of shop was answered 200 by gateway-1 to press1',
      [...ALL, probed({ status: 200 })],
    ],
    [
      'a call without a key was served',
      'was answered 200 by gateway-1 to no key',
      [...ALL, probed({ caller: null, key: null, status: 200 })],
    ],
    [
      'a call without a key learned whether a request exists',
      'was answered 404 by gateway-1 to no key',
      [...ALL, probed({ caller: null, key: null })],
    ],
    [
      'a revoked key was still good',
      'was answered 200 by gateway-1 to shop2',
      [...ALL, probed({ ...ofRevoked, status: 200 })],
    ],
    [
      'a key was refused before it was revoked',
      'was answered 401 by gateway-1 to shop2',
      [...ALL, probed({ ...ofRevoked, status: 401 }, 10)],
    ],
    [
      'a caller did not see its own request',
      'was answered 404 by gateway-1 to shop1',
      [...ALL, probed({ caller: 'shop', key: 'shop1' })],
    ],
    [
      'a result is stored for another caller',
      'is stored for press, and shop has sent it',
      [...ALL, ...request('a', FIRST, succeeded(FIRST, { caller: 'press' }))],
    ],
  ],
};

describe.each(Object.entries(BREACHES))('%s:', (rule, breaches) => {
  test.each(breaches)('finds that %s', (_what, says, events) => {
    const found = check(events).filter((finding) => finding.rule === rule);
    expect(found.map(({ subject, what }) => `${subject} ${what}`).join('\n')).toContain(says);
  });
});
