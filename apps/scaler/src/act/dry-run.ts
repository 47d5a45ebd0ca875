import type { Logger } from '@labelfleet/runtime';
import { NOTHING_DONE, type Act } from './act.ts';
import type { Place } from '../launch/launch-places.ts';

/**
 * Logs each new decision and changes nothing.
 * @param places where workers would be launched, in the order of preference
 */
export function dryRun(log: Pick<Logger, 'info'>, places: readonly Place[]): Act {
  let lastLogged = '';
  return async ({ decision, reason }) => {
    const decided = JSON.stringify(decision);
    const where = decision.launch > 0 ? { places } : {};
    if (decided !== lastLogged)
      log.info({ event: 'dry-run.decided', decision, reason, ...where }, 'dry run decided');
    lastLogged = decided;
    return NOTHING_DONE;
  };
}
