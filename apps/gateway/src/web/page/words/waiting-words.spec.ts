import { describe, expect, test } from 'vitest';
import type { Fleet } from '../network/api-types.ts';
import { reduce } from '../state/reduce.ts';
import { INITIAL, type Event, type State } from '../state/state.ts';
import { ago, boot, fleet, NOBODY, NOW } from '../testing/fleet.ts';
import { title } from './counts.ts';
import { fleetSentence, waitingSentence } from './waiting-words.ts';

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
