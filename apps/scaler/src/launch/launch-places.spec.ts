import { describe, expect, it } from 'vitest';
import { backOff, NO_BACKOFF } from '../act/backoff.ts';
import {
  afterLaunch,
  allPlaces,
  choosePlace,
  isOpen,
  NO_TROUBLE,
  refusingPlaces,
  type LaunchTrouble,
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
    let trouble = NO_TROUBLE;
    const tried = places.map(() => {
      const place = choosePlace(places, trouble, NOW);
      if (place) trouble = afterLaunch(trouble, places, place, 'no-capacity', NOW, 0);
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
    expect(choosePlace(places, trouble, NOW)).toBeUndefined();
    expect(choosePlace(places, trouble, NOW + 179_999)).toBeUndefined();
    expect(name(choosePlace(places, trouble, NOW + 180_000))).toBe('spot c7g a');
  });

  it('is the launch template’s own where nothing is configured', () => {
    expect(
      allPlaces({ instanceTypes: undefined, subnetIds: undefined, markets: ['on-demand'] }),
    ).toEqual([{ market: 'on-demand' }]);
  });

  it('is another type in every subnet after a quota', () => {
    const trouble = afterLaunch(NO_TROUBLE, places, places[0]!, 'limit', NOW, 0);
    expect(name(choosePlace(places, trouble, NOW))).toBe('spot c8g a');
  });

  it.each(['throttled', 'not-authenticated', 'failed'] as const)(
    'has to wait after %s',
    (result) => {
      const four = { ...NO_TROUBLE, backoff: { failures: 4, notBeforeMs: NOW } };
      const trouble = afterLaunch(four, places, places[0]!, result, NOW, 0.5);
      // 1 s and half of what is between 1 s and 2 s
      expect(choosePlace(places, trouble, NOW + 1499)).toBeUndefined();
      expect(name(choosePlace(places, trouble, NOW + 1500))).toBe('spot c7g a');
    },
  );
});

describe('a place that refuses launches', () => {
  const [first] = places as [Place, ...Place[]];
  const refused = (trouble: LaunchTrouble, place: Place, at: number) =>
    afterLaunch(trouble, places, place, 'refused', at, 1);

  it('is left alone at once, and the next place is tried at the next tick', () => {
    const trouble = refused(NO_TROUBLE, first, NOW);
    expect(name(choosePlace(places, trouble, NOW))).toBe('spot c7g b');
    expect(name(choosePlace(places, trouble, NOW + 179_999))).toBe('spot c7g b');
    expect(name(choosePlace(places, trouble, NOW + 180_000))).toBe('spot c7g a');
  });

  it('is left alone for twice as long each time, up to 30 min, until a launch succeeds there', () => {
    let trouble: LaunchTrouble = NO_TROUBLE;
    let now = NOW;
    const minutes = [3, 6, 12, 24, 30, 30];
    for (const each of minutes) {
      expect(name(choosePlace(places, trouble, now))).toBe('spot c7g a');
      trouble = refused(trouble, first, now);
      now += each * 60_000;
      expect(name(choosePlace(places, trouble, now - 1))).toBe('spot c7g b');
    }
    trouble = afterLaunch(trouble, places, first, 'launched', now, 1);
    trouble = refused(trouble, first, now);
    expect(name(choosePlace(places, trouble, now + 180_000))).toBe('spot c7g a');
  });

  it('is tried again after a backoff where every place refuses, the one first that waits the shortest', () => {
    let trouble: LaunchTrouble = NO_TROUBLE;
    for (const [index, place] of places.entries()) trouble = refused(trouble, place, NOW + index);
    const at = trouble.backoff.notBeforeMs;
    expect(at).toBeGreaterThan(NOW);
    expect(choosePlace(places, trouble, at - 1)).toBeUndefined();
    expect(name(choosePlace(places, trouble, at))).toBe('spot c7g a');
    expect(isOpen(places, trouble, places[3]!, at)).toBe(true);
    const again = refused(trouble, first, at);
    expect(name(choosePlace(places, again, again.backoff.notBeforeMs))).toBe('spot c7g b');
    expect(refusingPlaces(places, again, at)).toEqual(places);
  });

  it('backs off up to 60 s where every place has refused for long', () => {
    const one = places.slice(0, 1);
    let trouble: LaunchTrouble = NO_TROUBLE;
    let now = NOW;
    for (let refusal = 0; refusal < 40; refusal += 1) {
      expect(name(choosePlace(one, trouble, now))).toBe('spot c7g a');
      trouble = afterLaunch(trouble, one, first, 'refused', now, 1);
      const waitMs = trouble.backoff.notBeforeMs - now;
      expect(waitMs).toBeGreaterThan(1000);
      expect(waitMs).toBeLessThanOrEqual(60_000);
      now += waitMs;
    }
    expect(now - NOW).toBeGreaterThan(10 * 60_000);
  });

  it('does not keep places without room from being left alone', () => {
    const trouble = places.reduce(
      (then: LaunchTrouble, place, index) =>
        afterLaunch(then, places, place, index === 0 ? 'refused' : 'no-capacity', NOW, 1),
      NO_TROUBLE,
    );
    expect(choosePlace(places, trouble, NOW + 179_999)).toBeUndefined();
    expect(choosePlace(places, trouble, NOW + 180_000)).toBeDefined();
  });

  it('comes last when launches of before may still come there', () => {
    expect(name(choosePlace(places, NO_TROUBLE, NOW, [first]))).toBe('spot c7g b');
    expect(name(choosePlace(places, NO_TROUBLE, NOW, places))).toBe('spot c7g a');
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
