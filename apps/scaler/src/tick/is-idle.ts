import type { FleetMemory } from '@labelfleet/contracts';
import type { Decision, Observation } from '@labelfleet/scaling';

/** True if nothing waits, nothing runs, no job is active, and no launch or termination is open. Unknown is not idle. */
export function isIdle(
  { backlog, fleet, refused = 0, jobs }: Observation,
  { intents, terminates }: Pick<FleetMemory, 'intents' | 'terminates'>,
  { desired }: Pick<Decision, 'desired'>,
): boolean {
  if (backlog.kind === 'unknown' || fleet.kind === 'unknown') return false;
  if (jobs !== undefined && (jobs.kind === 'unknown' || jobs.value.length > 0)) return false;
  const { visible, inFlight, delayed } = backlog.value;
  const { workers, openLaunches } = fleet.value;
  const counts = [visible, inFlight, delayed, workers.length, openLaunches, refused, desired];
  return (
    counts.every((count) => count === 0) &&
    intents.length === 0 &&
    Object.keys(terminates).length === 0
  );
}
