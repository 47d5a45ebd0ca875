import { describe, expect, test } from 'vitest';
import type { Fleet } from '../network/api-types.ts';
import { costWords, fleetLine, sparkline, tiles } from './fleet-words.ts';
import { reduce } from '../state/reduce.ts';
import { INITIAL, type Event, type State } from '../state/state.ts';
import {
  dollars,
  duration,
  durationRange,
  fleetSentence,
  percent,
  resultWords,
  sureScore,
  timesWords,
  title,
  waitingSentence,
} from './words.ts';

const NOW = Date.parse('2026-11-22T05:12:50Z');
const ago = (seconds: number) => new Date(NOW - 1000 * seconds).toISOString();
const NOBODY = { booting: 0, idle: 0, busy: 0, draining: 0, suspected: 0 };
const boot = (seconds: number): Partial<Fleet> => ({
  workers: { ...NOBODY, booting: 1 },
  instances: [{ id: 'i-1', state: 'booting', since: ago(seconds), completed: 0 }],
});
const fleet = (overrides: Partial<Fleet> = {}): Fleet => ({
  at: ago(1),
  publishedEverySeconds: 10,
  stale: false,
  workers: NOBODY,
  queue: { backlog: 0, inFlight: 0, delayed: 0 },
  decision: { at: ago(1), reason: 'nothing to do' },
  estimatedWaitSeconds: null,
  learned: { serviceSeconds: null, bootSecondsP50: 16, bootSecondsP95: 24 },
  instances: [],
  cost: { perHourNow: 0.0893, perImage: null, lastHour: { images: 4, total: null } },
  history: [],
  ...overrides,
});

test.each([
  [-5, '0 s'],
  [4_400, '4 s'],
  [90_000, '90 s'],
  [150_000, '3 min'],
  [3 * 3_600_000, '3 h'],
])('%d ms is %s', (ms, expected) => expect(duration(ms)).toBe(expected));

test.each([
  [10_000, 20_000, '10 to 20 s'],
  [9_000, 9_100, 'about 9 s'],
  [80_000, 180_000, '80 s to 3 min'],
])('from %d to %d ms is %s', (low, high, expected) =>
  expect(durationRange(low, high)).toBe(expected),
);

test.each([
  [0.999, '>\u00a099\u00a0%'],
  [1, '100\u00a0%'],
  [0.174, '17\u00a0%'],
])('a score of %d is %s', (score, expected) => expect(percent(score)).toBe(expected));

test.each([
  [0.0234, '$0.023'],
  [123.4, '$123'],
])('%d is %s', (usd, expected) => expect(dollars(usd)).toBe(expected));

test('times are whole milliseconds', () => {
  const timings = { queuedMs: 12, fetchMs: 0.667, decodeMs: 44.115, inferMs: 12.009, totalMs: 80 };
  expect(timesWords(timings)).toBe('80 ms (queued 12, fetch 1, decode 44, model 12)');
});

describe('the fleet is said to be', () => {
  const failedBoots = { count: 3, cause: 'exit 66', nextLaunchAt: ago(-30) };
  test.each<[string, Partial<Fleet>]>([
    ['No worker is up. One starts as soon as the scaler sees the images.', {}],
    ['No worker is up. One is starting (6 s of about 16).', boot(6)],
    ['No worker is up. One is starting (30 s, longer than 95 % of boots).', boot(30)],
    ['2 workers are up, 1 starting.', { workers: { ...NOBODY, busy: 2, booting: 1 } }],
    [
      'The fleet has been silent for 40 s. Accepted images are kept and classified when it is back.',
      { stale: true, at: ago(40) },
    ],
    [
      'Workers end right after their start (exit 66): ask the operator. The next try is in 30 s.',
      { failedBoots },
    ],
    [
      'Workers end right after their start (exit 66): ask the operator. One is starting (6 s of about 16).',
      { ...boot(6), failedBoots },
    ],
  ])('%s', (expected, overrides) => {
    expect(fleetSentence(fleet(overrides), NOW)).toBe(expected);
  });
});

describe('the waiting sentence', () => {
  const rows = ['a', 'b'].map((id) => ({ id, key: id, name: id, size: 2 * 1_048_576 }));
  const accepted = rows.flatMap(({ id }): Event[] => [
    { kind: 'upload-started', id },
    { kind: 'upload-accepted', id, answer: { id: `r${id}`, status: 'queued' }, at: NOW },
  ]);
  const run = (...events: Event[]): State =>
    [
      { kind: 'restored', rows: [], batchIds: ['b'] } as Event,
      { kind: 'added', rows } as Event,
      ...events,
    ].reduce(reduce, INITIAL);
  const counts = { total: 2, queued: 2, succeeded: 0, failed: 0, canceled: 0 };
  const estimate = (lowSeconds: number, highSeconds: number | null): Event => ({
    kind: 'batch-progressed',
    batchId: 'b',
    progress: {
      counts,
      estimatedWait: { lowSeconds, highSeconds, basis: '2 workers are up, 7 images are ahead.' },
    },
    at: NOW,
  });
  test.each<[string, Event[], number]>([
    ['Uploading 2 images, 4.0 MB to go.', [], 0],
    ['Your 2 images: ready in 10 to 20 s.', [...accepted, estimate(10, 20)], 0],
    [
      '2 workers are up, 7 images are ahead. Your 2 images: ready in 10 to 20 s.',
      [
        ...accepted,
        { kind: 'fleet-read', fleet: fleet({ workers: { ...NOBODY, busy: 2 } }), at: NOW },
        estimate(10, 20),
      ],
      0,
    ],
    [
      'No worker is up. One is starting (30 s, longer than 95 % of boots).',
      [...accepted, { kind: 'fleet-read', fleet: fleet(boot(30)), at: NOW }, estimate(10, null)],
      0,
    ],
    ['Your 2 images: ready within 12 s.', [...accepted, estimate(1, 12)], 400],
    ['This takes longer than expected.', [...accepted, estimate(1, 12)], 20_000],
    ['The images wait for an API key.', [{ kind: 'key-refused' }], 0],
    [
      'This browser is offline. No image is lost; this goes on when the connection is back. Uploading 2 images, 4.0 MB to go.',
      [{ kind: 'troubled', trouble: 'offline' }],
      0,
    ],
    [
      'The gateway does not answer. No image is lost. Trying again in 5 s. Uploading 2 images, 4.0 MB to go.',
      [
        { kind: 'troubled', trouble: 'no answer' },
        { kind: 'upload-started', id: 'a' },
        { kind: 'upload-unanswered', id: 'a', notBefore: NOW + 5_000 },
      ],
      0,
    ],
  ])('is: %s', (expected, events, later) => {
    expect(waitingSentence(run(...events), NOW + later)).toBe(expected);
  });
  test('is empty when all is done', () => expect(waitingSentence(INITIAL, NOW)).toBe(''));
  test('has the counts in the title of the tab', () => {
    expect(title(INITIAL)).toBe('labelfleet');
    expect(title(run(...accepted))).toBe('(0/2) labelfleet');
  });
});

describe('a result', () => {
  const predictions = [
    { label: 'bathtub', score: 0.17, classIndex: 1 },
    { label: 'ice cream', score: 0.13, classIndex: 2 },
    { label: 'alp', score: 0.001, classIndex: 3 },
  ];
  test.each([
    ['bathtub', 0.17, 'bathtub', '17\u00a0%'],
    ['bathtub', 0.18, 'Not sure: bathtub 17\u00a0%, ice cream 13\u00a0%', ''],
    [null, 0.1, 'Not sure: bathtub 17\u00a0%, ice cream 13\u00a0%', ''],
  ])('%s with the threshold %d is shown as: %s', (label, threshold, headline, score) => {
    expect(resultWords({ label, predictions }, threshold)).toMatchObject({ headline, score });
  });
  test.each([
    ['the lowest precise one', [0.7, 0.88, 0.91, 0.95], 0.4],
    ['above the last that is not', [0.91, 0.88, 0.91, 0.95], 0.4],
    ['all', [0.91, 0.92, 0.93, 0.95], 0],
    ['known although the highest has too few images', [0.7, 0.92, 0.93, 0.6], 0.2],
    ['never reached', [0.7, 0.8, 0.81, 0.85], Infinity],
  ])('is compared with the calibrated score: %s', (_, precisions, expected) => {
    const thresholds = precisions.map((precisionAtLeast, index) => ({
      score: index / 5,
      precisionAtLeast,
    }));
    const model = { name: 'm', version: '1', labels: [], calibration: { thresholds } };
    expect(sureScore(model)).toBe(expected);
  });
});

describe('the fleet panel', () => {
  test('has its state in one line', () => {
    const workers = { ...NOBODY, booting: 1, busy: 2 };
    const queue = { backlog: 5, inFlight: 0, delayed: 0 };
    expect(fleetLine(fleet({ workers, queue }), NOW)).toBe(
      '1 starting, 2 busy · 5 waiting · $0.089 an hour',
    );
    expect(fleetLine(fleet({ stale: true, at: ago(57) }), NOW)).toBe(
      'Silent for 57 s, and before: no workers',
    );
    expect(fleetLine(undefined, NOW)).toBe('No news from the scaler yet');
  });
  test('has a tile per worker, with the progress of boots', () => {
    expect(tiles(fleet(boot(6)), NOW)).toEqual([
      { id: 'i-1', state: 'booting', words: '6 s of about 16', boot: 0.25 },
    ]);
    const busy = { id: 'i-2', state: 'busy', since: ago(40), completed: 1 } as const;
    expect(tiles(fleet({ instances: [busy] }), NOW)[0]?.words).toBe('for 40 s, 1 image');
  });
  test('does not go on counting while the fleet is silent', () => {
    const stale = fleet({ ...boot(46), stale: true, at: ago(40) });
    expect(tiles(stale, NOW)[0]?.words).toBe('6 s of about 16');
  });
  test('draws the backlog and says it', () => {
    const history = [
      { at: ago(60), backlog: 0, workers: 0 },
      { at: ago(30), backlog: 10, workers: 1 },
      { at: ago(0), backlog: 5, workers: 1 },
    ];
    const queue = { backlog: 5, inFlight: 0, delayed: 0 };
    expect(sparkline(fleet({ history, queue }))).toEqual({
      points: '0.0,23.0 50.0,1.0 100.0,12.0',
      text: '5 images waiting, at most 10 in the last 60 s',
    });
    expect(sparkline(fleet())).toEqual({ points: '', text: '0 images waiting, at most 0' });
  });
  test('leaves unknown prices out', () => {
    expect(costWords(fleet())).toBe('$0.089 an hour now');
  });
});
