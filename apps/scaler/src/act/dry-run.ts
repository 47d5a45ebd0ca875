import type { Logger } from '@labelfleet/runtime';
import { NOTHING_DONE, type Act } from './act.ts';
import type { Place } from '../launch/launch-places.ts';

/**
 * Says what would be done, once for each new decision, and touches nothing.
 * @param places where workers would be launched, in the order in which they would be tried
 */
export function dryRun(logger: Pick<Logger, 'info'>, places: readonly Place[]): Act {
  let lastSaid = '';
  return async ({ decision, reason }) => {
    const said = JSON.stringify(decision);
    const where = decision.launch > 0 ? { places } : {};
    if (said !== lastSaid)
      logger.info({ event: 'dry_run.decided', decision, reason, ...where }, 'dry run decided');
    lastSaid = said;
    return NOTHING_DONE;
  };
}
