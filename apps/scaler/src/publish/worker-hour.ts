import type { FleetCost } from '@labelfleet/contracts';
import { hourPrice, type Prices } from '@labelfleet/scaling';
import type { Place } from '../launch/launch-places.ts';

/** Spot costs up to 90 % less than on demand (docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-instances.html). */
const LEAST_SPOT_SHARE = 0.1;

/**
 * The price of an hour of a worker that may be launched; undefined if a place has no known price.
 * @param templateType the launch template's instance type, for places that name none
 */
export function workerHour(
  places: readonly Pick<Place, 'instanceType' | 'market'>[],
  templateType: string | undefined,
  prices: Prices,
): FleetCost['workerHour'] {
  const hours = places.map(({ instanceType = templateType, market }) => {
    const price = instanceType === undefined ? null : hourPrice(prices, instanceType, market);
    if (price === null) return null;
    const { usd, upperLimit } = price;
    return { low: upperLimit ? usd * LEAST_SPOT_SHARE : usd, high: usd };
  });
  const known = hours.filter((hour) => hour !== null);
  if (known.length === 0 || known.length < hours.length) return undefined;
  return {
    low: Math.min(...known.map(({ low }) => low)),
    high: Math.max(...known.map(({ high }) => high)),
  };
}
