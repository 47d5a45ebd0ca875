import { describe, expect, it } from 'vitest';
import { backOff, NO_BACKOFF } from '../act/backoff.ts';
import {
  afterLaunch,
  allPlaces,
  choosePlace,
  isOpen,
  NO_LAUNCH_FAILURES,
  refusingPlaces,
  type LaunchFailures,
  type Place,
} from './launch-places.ts';
import { NOW } from '../testing/builders.ts';

const places = allPlaces({
  instanceTypes: ['c7g', 'c8g'],
  subnetIds: ['a', 'b'],
  markets: ['spot', 'on-demand'],
});
const name = (place: Place | undefined) =>
  place && `${place.market} ${place.instanceType} ${place.subnetId}`;

describe('the place of a launch', () => {
  it('is tried subnet by subnet, then type by type, then market by market', () => {
    let failures = NO_LAUNCH_FAILURES;
    const tried = places.map(() => {
      const place = choosePlace(places, failures, NOW);
      if (place) failures = afterLaunch(failures, places, place, 'no-capacity', NOW, 0);
      return name(place);
    });
    expect(tried).toEqual([
      'spot c7g a',
      'spot c7g b',
      'spot c8g a',
      'spot c8g b',
      'on-demand c7g a',
      'on-demand c7g b',
      'on-demand c8g a',
      'on-demand c8g b',
    ]);
    expect(choosePlace(places, failures, NOW)).toBeUndefined();
    expect(choosePlace(places, failures, NOW + 179_999)).toBeUndefined();
    expect(name(choosePlace(places, failures, NOW + 180_000))).toBe('spot c7g a');
  });

  it('is the launch template’s if nothing is configured', () => {
    expect(
      allPlaces({ instanceTypes: undefined, subnetIds: undefined, markets: ['on-demand'] }),
    ).toEqual([{ market: 'on-demand' }]);
  });

  it('is another type in every subnet after a quota', () => {
    const failures = afterLaunch(NO_LAUNCH_FAILURES, places, places[0]!, 'limit', NOW, 0);
    expect(name(choosePlace(places, failures, NOW))).toBe('spot c8g a');
  });

  it.each(['throttled', 'not-authenticated', 'failed'] as const)(
    'has to wait after %s',
    (result) => {
      const four = { ...NO_LAUNCH_FAILURES, backoff: { failures: 4, notBeforeMs: NOW } };
      const failures = afterLaunch(four, places, places[0]!, result, NOW, 0.5);
      // 1 s and half of what is between 1 s and 2 s
      expect(choosePlace(places, failures, NOW + 1499)).toBeUndefined();
      expect(name(choosePlace(places, failures, NOW + 1500))).toBe('spot c7g a');
    },
  );
});

describe('a place that refuses launches', () => {
  const [first] = places as [Place, ...Place[]];
  const refused = (failures: LaunchFailures, place: Place, at: number) =>
    afterLaunch(failures, places, place, 'refused', at, 1);

  it('is avoided at once, and the next place is tried at the next tick', () => {
    const failures = refused(NO_LAUNCH_FAILURES, first, NOW);
    expect(name(choosePlace(places, failures, NOW))).toBe('spot c7g b');
    expect(name(choosePlace(places, failures, NOW + 179_999))).toBe('spot c7g b');
    expect(name(choosePlace(places, failures, NOW + 180_000))).toBe('spot c7g a');
  });

  it('is avoided for twice as long each time, up to 30 min, until a launch succeeds there', () => {
    let failures: LaunchFailures = NO_LAUNCH_FAILURES;
    let now = NOW;
    const minutes = [3, 6, 12, 24, 30, 30];
    for (const each of minutes) {
      expect(name(choosePlace(places, failures, now))).toBe('spot c7g a');
      failures = refused(failures, first, now);
      now += each * 60_000;
      expect(name(choosePlace(places, failures, now - 1))).toBe('spot c7g b');
    }
    failures = afterLaunch(failures, places, first, 'launched', now, 1);
    failures = refused(failures, first, now);
    expect(name(choosePlace(places, failures, now + 180_000))).toBe('spot c7g a');
  });

  it('is tried again after a backoff if every place refuses, the one avoided for the shortest time first', () => {
    let failures: LaunchFailures = NO_LAUNCH_FAILURES;
    for (const [index, place] of places.entries()) failures = refused(failures, place, NOW + index);
    const at = failures.backoff.notBeforeMs;
    expect(at).toBeGreaterThan(NOW);
    expect(choosePlace(places, failures, at - 1)).toBeUndefined();
    expect(name(choosePlace(places, failures, at))).toBe('spot c7g a');
    expect(isOpen(places, failures, places[3]!, at)).toBe(true);
    const again = refused(failures, first, at);
    expect(name(choosePlace(places, again, again.backoff.notBeforeMs))).toBe('spot c7g b');
    expect(refusingPlaces(places, again, at)).toEqual(places);
  });

  it('backs off up to 60 s if every place has refused for long', () => {
    const one = places.slice(0, 1);
    let failures: LaunchFailures = NO_LAUNCH_FAILURES;
    let now = NOW;
    for (let refusal = 0; refusal < 40; refusal += 1) {
      expect(name(choosePlace(one, failures, now))).toBe('spot c7g a');
      failures = afterLaunch(failures, one, first, 'refused', now, 1);
      const waitMs = failures.backoff.notBeforeMs - now;
      expect(waitMs).toBeGreaterThan(1000);
      expect(waitMs).toBeLessThanOrEqual(60_000);
      now += waitMs;
    }
    expect(now - NOW).toBeGreaterThan(10 * 60_000);
  });

  it('does not change how places without capacity are avoided', () => {
    const failures = places.reduce(
      (then: LaunchFailures, place, index) =>
        afterLaunch(then, places, place, index === 0 ? 'refused' : 'no-capacity', NOW, 1),
      NO_LAUNCH_FAILURES,
    );
    expect(choosePlace(places, failures, NOW + 179_999)).toBeUndefined();
    expect(choosePlace(places, failures, NOW + 180_000)).toBeDefined();
  });

  it('comes last if an earlier launch may still succeed there', () => {
    expect(name(choosePlace(places, NO_LAUNCH_FAILURES, NOW, [first]))).toBe('spot c7g b');
    expect(name(choosePlace(places, NO_LAUNCH_FAILURES, NOW, places))).toBe('spot c7g a');
  });
});

describe('a backoff', () => {
  it.each([
    [1, 0, 1, 1000],
    [1, 1, 1, 2000],
    [3, 1, 1, 8000],
    [9, 0, 1, 1000],
    [9, 1, 1, 60_000],
    [5, 1, 5, 2000],
    [10, 1, 5, 4000],
    [30, 1, 5, 60_000],
  ])(
    'after %i failures in a row, with %d of the jitter, doubled by each %i, is %i ms',
    (failures, random, failuresToDouble, ms) => {
      let backoff = NO_BACKOFF;
      for (let failure = 0; failure < failures; failure += 1)
        backoff = backOff(backoff, NOW, random, failuresToDouble);
      expect(backoff).toEqual({ failures, notBeforeMs: NOW + ms });
    },
  );
});
