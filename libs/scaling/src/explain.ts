import type { Decision } from './decision.ts';
import { countLive, type FleetView } from './observation.ts';
import { plural } from './plural.ts';

/** How many workers a rule wants, before any limit, and why, as the beginning of a sentence. */
export interface Wanted {
  workers: number;
  reason: string;
}

/** Example: `12 images at 5 a worker want 3 workers`, followed by the limit if it applies. */
export function explainDemand(wanted: Wanted, desired: number): string {
  const demand = `${wanted.reason} want ${plural(wanted.workers, 'worker')}`;
  if (wanted.workers === desired) return demand;
  return `${demand}, ${desired} at ${wanted.workers > desired ? 'most' : 'least'}`;
}

/** Example: `1 live: 2 to launch`. */
export function explainSteps(fleet: FleetView, decision: Decision): string {
  const live = countLive(fleet);
  const { resume, launch, drain, terminate } = decision;
  const suspected = fleet.workers.filter(({ state }) => state === 'suspected').length;
  const serving = new Set(
    fleet.workers.filter(({ state }) => state === 'idle' || state === 'busy').map(({ id }) => id),
  );
  const released = drain.filter((id) => serving.has(id)).length;
  const withoutRoom = decision.desired - live - resume.length - launch;
  const surplus = live - decision.desired - released;
  const steps = [
    [resume.length, 'to resume'],
    [launch, 'to launch'],
    [Math.max(0, withoutRoom), 'without room until others have ended'],
    [released, 'to drain'],
    [drain.length - released, 'to drain again'],
    [terminate.length, 'to terminate'],
    [Math.max(0, surplus), 'too many, but not idle for long enough'],
  ] as const;
  const taken = steps.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const silent = suspected === 0 ? '' : `, ${suspected} suspected`;
  return `${live} live${silent}: ${taken.join(', ') || 'nothing to do'}`;
}
