import type { Logger } from '@labelfleet/runtime';
import { NOTHING_DONE, type Act } from './act.ts';

/** Says what would be done, once for each new decision, and touches nothing. */
export function dryRun(logger: Pick<Logger, 'info'>): Act {
  let lastSaid = '';
  return async ({ decision, because }) => {
    const said = JSON.stringify(decision);
    if (said !== lastSaid)
      logger.info({ decision, because }, 'dry run: this is what would be done');
    lastSaid = said;
    return NOTHING_DONE;
  };
}
