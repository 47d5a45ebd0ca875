import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Classification } from '../network/api-types.ts';
import { reduce } from './reduce.ts';
import { canRetry } from './rows.ts';
import { INITIAL, type Event, type Row, type State } from './state.ts';
import { countRows } from '../words/counts.ts';

const queued = (id: string): Classification => ({ id, status: 'queued' });
const succeeded = (id: string): Classification => ({ id, status: 'succeeded', label: 'goldfish' });
const problem = (code: string) => ({
  type: `urn:labelfleet:problem:${code}`,
  title: code,
  status: 400,
  detail: 'Do something else.',
});
const added = (...ids: string[]): Event => ({
  kind: 'added',
  rows: ids.map((id) => ({ id, key: `key-${id}`, name: `${id}.jpg`, size: 10 })),
});
const accepted = (id: string): Event[] => [
  { kind: 'upload-started', id },
  { kind: 'upload-accepted', id, answer: queued(`request-${id}`), at: 0 },
];
const completed = (id: string): Event => ({
  kind: 'item-completed',
  batchId: 'b',
  item: { index: 0, ...succeeded(`request-${id}`) },
});
const ofLink: Event = { kind: 'restored', rows: [], batchIds: ['b'] };
const run = (...events: Event[]): State => events.reduce(reduce, INITIAL);
const phases = ({ rows }: State) => rows.map(({ phase }) => phase);

describe('a row', () => {
  const cases: [string, Event[], Row['phase'][]][] = [
    ['is unsent at first', [added('a')], ['unsent']],
    ['is sending', [added('a'), { kind: 'upload-started', id: 'a' }], ['sending']],
    ['is queued once accepted', [added('a'), ...accepted('a')], ['queued']],
    ['has a result', [added('a'), ...accepted('a'), ofLink, completed('a')], ['succeeded']],
    [
      'has a result at once when its answer has one',
      [
        added('a'),
        { kind: 'upload-started', id: 'a' },
        { kind: 'upload-accepted', id: 'a', answer: succeeded('r'), at: 0 },
      ],
      ['succeeded'],
    ],
    [
      'is unsent again when nobody answered',
      [
        added('a', 'b'),
        { kind: 'upload-started', id: 'a' },
        { kind: 'upload-unanswered', id: 'a', notBefore: 5 },
      ],
      ['unsent', 'unsent'],
    ],
    [
      'ends with a problem',
      [
        added('a'),
        { kind: 'upload-started', id: 'a' },
        { kind: 'upload-refused', id: 'a', problem: problem('invalid-image') },
      ],
      ['failed'],
    ],
    [
      'keeps its first result',
      [
        added('a'),
        ...accepted('a'),
        ofLink,
        completed('a'),
        {
          kind: 'item-completed',
          batchId: 'b',
          item: { index: 0, id: 'request-a', status: 'failed', problem: problem('canceled') },
        },
      ],
      ['succeeded'],
    ],
    [
      'fails when its batch is gone',
      [
        added('a'),
        ...accepted('a'),
        { kind: 'gathered', ids: ['a'], batchId: 'b' },
        { kind: 'batch-missing', batchId: 'b' },
      ],
      ['failed'],
    ],
  ];
  test.each(cases)('%s', (_, events, expected) => {
    expect(phases(run(...events))).toEqual(expected);
  });

  test('of a link is made from the batch, in its order', () => {
    const state = run(ofLink, {
      kind: 'batch-read',
      at: 0,
      batch: {
        id: 'b',
        status: 'running',
        counts: { total: 3, queued: 1, succeeded: 1, failed: 1, canceled: 0 },
        items: [
          { index: 0, ...succeeded('r0'), fileName: 'x.jpg' },
          { index: 1, status: 'failed', fileName: 'notes.txt', problem: problem('invalid-image') },
          { index: 2, ...queued('r2') },
        ],
      },
    });
    expect(state.rows.map(({ name, phase }) => [name, phase])).toEqual([
      ['x.jpg', 'succeeded'],
      ['notes.txt', 'failed'],
      ['Image 3', 'queued'],
    ]);
    const later = reduce(state, {
      kind: 'item-completed',
      batchId: 'b',
      item: { index: 2, ...succeeded('r2') },
    });
    expect(phases(later)).toEqual(['succeeded', 'failed', 'succeeded']);
  });

  test('is sent again with a new key, if that can help', () => {
    const refused = (id: string, code: string): Event[] => [
      { kind: 'upload-started', id },
      { kind: 'upload-refused', id, problem: problem(code) },
    ];
    const state = run(
      added('a', 'b'),
      ...refused('a', 'internal-error'),
      ...refused('b', 'invalid-image'),
    );
    expect(state.rows.map(canRetry)).toEqual([true, false]);
    const again = reduce(state, { kind: 'retried', keys: { a: 'new', b: 'new' } });
    expect(again.rows.map(({ phase, key }) => [phase, key])).toEqual([
      ['unsent', 'new'],
      ['failed', 'key-b'],
    ]);
  });
});

test('a cleared list stays empty when the last events of its batch come', () => {
  const state = run(ofLink, added('a'), ...accepted('a'), { kind: 'cleared' }, completed('a'), {
    kind: 'batch-done',
    batchId: 'b',
  });
  expect([state.rows, state.batches]).toEqual([[], {}]);
});

test.each<[string, Event]>([
  ['is gathered', { kind: 'gathered', ids: ['a'], batchId: 'b' }],
  ['is missing', { kind: 'batch-missing', batchId: 'b' }],
])('a cleared list stays empty when its batch %s', (_, late) => {
  const cleared = run(added('a'), ...accepted('a'), { kind: 'cleared' });
  expect(reduce(cleared, late)).toBe(cleared);
});

test('asks for a key, and says so when a key is refused', () => {
  const asked = run({ kind: 'key-refused' });
  expect(asked.apiKey).toBe('needed');
  const entered = reduce(asked, { kind: 'key-entered' });
  expect(reduce(entered, { kind: 'key-refused' }).apiKey).toBe('refused');
});

const IDS = ['a', 'b', 'c', 'd'];
const idOf = fc.constantFrom(...IDS);
const anyEvent = fc.oneof<fc.Arbitrary<Event>[]>(
  idOf.map((id): Event => ({ kind: 'upload-started', id })),
  fc.record({
    kind: fc.constant('upload-progressed'),
    id: idOf,
    sent: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  idOf.map((id): Event => ({
    kind: 'upload-accepted',
    id,
    answer: queued(`request-${id}`),
    at: 1,
  })),
  idOf.map((id): Event => ({ kind: 'upload-refused', id, problem: problem('overloaded') })),
  fc.record({ kind: fc.constant('upload-unanswered'), id: idOf, notBefore: fc.nat() }),
  fc.subarray(IDS).map((ids): Event => ({ kind: 'gathered', ids, batchId: 'b' })),
  idOf.map(completed),
  fc.constantFrom<Event>(
    { kind: 'hurried' },
    { kind: 'reached' },
    { kind: 'troubled', trouble: 'offline' },
    { kind: 'key-refused' },
    { kind: 'key-entered' },
    { kind: 'batch-done', batchId: 'b' },
    { kind: 'filtered', filter: 'failed' },
  ),
);

describe('whatever happens', () => {
  test('rows keep their order, none is lost, and a result stays', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        let state = run(ofLink, added(...IDS));
        for (const event of events) {
          const before = state;
          state = reduce(state, event);
          expect(state.rows.map(({ id }) => id).slice(0, IDS.length)).toEqual(IDS);
          const { total, done, waiting, failed } = countRows(state.rows);
          expect(done + waiting + failed).toBe(total);
          before.rows.forEach((row, index) => {
            if (row.phase === 'succeeded' || row.phase === 'failed')
              expect(state.rows[index]?.phase).toBe(row.phase);
          });
        }
      }),
    );
  });

  test('only a problem or a result ends a row', () => {
    const endless = anyEvent.filter(
      ({ kind }) => kind !== 'upload-refused' && kind !== 'item-completed',
    );
    fc.assert(
      fc.property(fc.array(endless, { maxLength: 60 }), (events) => {
        expect(countRows(run(added(...IDS), ...events).rows).waiting).toBe(IDS.length);
      }),
    );
  });

  test('an expected time only comes earlier', () => {
    const estimate = fc.record({ low: fc.nat(600), high: fc.nat(600), at: fc.nat(100_000) });
    fc.assert(
      fc.property(fc.array(estimate, { minLength: 1, maxLength: 20 }), (estimates) => {
        let state = run(ofLink, added('a'));
        let last = Infinity;
        for (const { low, high, at } of estimates) {
          const estimatedWait = { lowSeconds: low, highSeconds: high, basis: '' };
          const counts = { total: 1, queued: 1, succeeded: 0, failed: 0, canceled: 0 };
          const progress = { counts, estimatedWait };
          state = reduce(state, { kind: 'batch-progressed', batchId: 'b', progress, at });
          const range = state.batches['b']?.range;
          expect(range?.highAt).toBeLessThanOrEqual(last);
          expect(range?.lowAt).toBeLessThanOrEqual(range?.highAt ?? NaN);
          last = range?.highAt ?? NaN;
        }
      }),
    );
  });
});
