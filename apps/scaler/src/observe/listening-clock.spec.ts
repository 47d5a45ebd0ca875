import { describe, expect, it } from 'vitest';
import { NOT_LISTENING, takeReceive, type Receive } from './listening-clock.ts';

const rows: [string, [Receive['kind'], number][], number][] = [
  ['nothing from the first receive', [['emptied', 5]], 0],
  [
    'the time between two that left nothing waiting',
    [
      ['emptied', 5],
      ['emptied', 9],
    ],
    4,
  ],
  [
    'no time in which events were waiting',
    [
      ['emptied', 5],
      ['full', 6],
      ['emptied', 9],
    ],
    0,
  ],
  [
    'no time without receiving',
    [
      ['emptied', 5],
      ['failed', 7],
      ['emptied', 9],
    ],
    0,
  ],
  [
    'all that has been counted before',
    [
      ['emptied', 0],
      ['emptied', 3],
      ['failed', 4],
      ['emptied', 5],
      ['emptied', 7],
    ],
    5,
  ],
  [
    'no more than a poll of a scaler that was stopped in it',
    [
      ['emptied', 0],
      ['emptied', 600],
    ],
    6,
  ],
];

describe('the listening clock', () => {
  it.each(rows)('counts %s', (_, receives, seconds) => {
    const listening = receives.reduce(
      (clock, [kind, endedAt]) => takeReceive(clock, { kind, endedAtMs: endedAt * 1000 }),
      NOT_LISTENING,
    );
    expect(listening.heardMs).toBe(seconds * 1000);
  });
});
