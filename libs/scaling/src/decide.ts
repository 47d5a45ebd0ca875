import type { Terms } from './policies/deadline/terms.ts';
import type { Decision, DecisionMemory, ScalingSettings } from './decision.ts';
import type { FleetView, Observation } from './observation.ts';
import { POLICIES, type Plan, type Policy } from './policies/index.ts';
import { callBack, launchCount } from './scale-out.ts';

export interface Decided {
  decision: Decision;
  memory: DecisionMemory;
  /** How many of the workers wanted have no room below max until instances, or launches, are gone. */
  withoutRoom: number;
  /** The decision in a sentence, for logs and for whoever watches the fleet. */
  reason: string;
  /** The numbers behind it; null where the policy has none, or nothing could be observed. */
  terms: Terms | null;
}

export const initialMemory: DecisionMemory = {
  desired: 0,
  unseenSinceMs: null,
  samples: [],
  levels: [],
};

/**
 * One turn of the scaler: what to do about the demand. The policy says how many workers it wants; the steps
 * that all policies share make of it whom to resume, how many to launch and whom to release.
 * What cannot be observed is never guessed: everything then stays as it is.
 * @param now milliseconds since the epoch
 */
export function decide(
  observation: Observation,
  memory: DecisionMemory,
  settings: ScalingSettings,
  now: number,
): Decided {
  const { backlog, fleet, learned, completed, refused = 0 } = observation;
  if (backlog.kind === 'unknown')
    return hold(memory, 'depth of the request queue', backlog.reason, now);
  if (fleet.kind === 'unknown') return hold(memory, 'fleet', fleet.reason, now);

  const policy: Policy = POLICIES[settings.policy];
  const sight = { backlog: backlog.value, fleet: fleet.value, learned, completed, refused };
  const plan = policy(sight, memory, settings, now);
  const released = plan.releasable.slice(0, Math.max(0, plan.live - plan.desired));
  const wanted = steps(fleet.value, plan, released, settings, now);
  const limited = limitLaunch(wanted, fleet.value);
  const { samples, levels } = plan.memory;
  return {
    decision: limited.decision,
    withoutRoom: Math.max(0, plan.desired - plan.live - wanted.resume.length - wanted.launch),
    memory: { desired: plan.desired, unseenSinceMs: null, samples, levels },
    reason: `${plan.explain(wanted, released.length)}${limited.reason}`,
    terms: plan.terms,
  };
}

function steps(
  fleet: FleetView,
  { desired, live, leastAgeSeconds = 0 }: Plan,
  released: readonly string[],
  settings: ScalingSettings,
  now: number,
): Decision {
  const missing = desired - live;
  const resume = callBack(fleet, missing);
  const notCalledBack = fleet.workers.filter(({ id }) => !resume.includes(id));
  return {
    desired,
    launch: launchCount(fleet, missing - resume.length, settings.maxWorkers),
    resume,
    drain: [
      ...released,
      // Told again, under an id of our own: only that id's `drained` leads to a release (F5, F6).
      ...notCalledBack
        .filter((worker) => worker.state === 'draining' && !worker.instructed)
        .map(({ id }) => id),
    ],
    terminate: notCalledBack
      .filter(({ state }) => state === 'drained')
      .filter(({ launchedAtMs }) => now - launchedAtMs >= 1000 * leastAgeSeconds)
      .map(({ id }) => id),
  };
}

/** Fewer launches than wanted, where boots fail; `because` is the end of a sentence. */
function limitLaunch(
  decision: Decision,
  { launchLimit: limit }: FleetView,
): { decision: Decision; reason: string } {
  if (limit === undefined) return { decision, reason: '' };
  if (decision.launch <= limit.most)
    return { decision, reason: limit.failing ? `; ${limit.reason}` : '' };
  return {
    decision: { ...decision, launch: limit.most },
    reason: `, but ${limit.most} now; ${limit.reason}`,
  };
}

function hold(memory: DecisionMemory, what: string, reason: string, now: number): Decided {
  return {
    decision: { desired: memory.desired, launch: 0, resume: [], drain: [], terminate: [] },
    withoutRoom: 0,
    memory: { ...memory, unseenSinceMs: memory.unseenSinceMs ?? now },
    reason: `the ${what} is unknown (${reason}): no change`,
    terms: null,
  };
}
