import { describe, expect, it } from 'vitest';
import { backOff, NO_BACKOFF } from './backoff.ts';
import { afterLaunch, allPlaces, choosePlace, NO_TROUBLE, type Place } from './launch-places.ts';
import { NOW } from './testing/builders.ts';

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

  it.each(['throttled', 'refused', 'failed'] as const)('has to wait after %s', (result) => {
    const four = { ...NO_TROUBLE, backoff: { failures: 4, notBeforeMs: NOW } };
    const trouble = afterLaunch(four, places, places[0]!, result, NOW, 0.5);
    // 1 s and half of what is between 1 s and 2 s
    expect(choosePlace(places, trouble, NOW + 1499)).toBeUndefined();
    expect(name(choosePlace(places, trouble, NOW + 1500))).toBe('spot c7g a');
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
