import { describe, expect, test } from 'vitest';
import { ago, boot, fleet, NOBODY, NOW } from '../testing/fleet.ts';
import { costWords, fleetLine, sparkline, tiles } from './fleet-words.ts';

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
