import type { Decision, DecisionMemory, ScalingSettings } from './decision.ts';
import { explainDemand, explainSteps } from './explain.ts';
import { countLive, type FleetView, type Observation } from './observation.ts';
import { POLICIES, type Policy } from './policies/index.ts';
import { release } from './scale-in.ts';
import { callBack, launchCount } from './scale-out.ts';

export interface Decided {
  decision: Decision;
  memory: DecisionMemory;
  /** The decision in a sentence, for logs and for whoever watches the fleet. */
  because: string;
}

export const initialMemory: DecisionMemory = { desired: 0 };

/**
 * One turn of the scaler: what to do about the demand. The policy says how many workers it wants; the steps
 * that all policies share make of it whom to call back, how many to launch and whom to release.
 * What cannot be observed is never guessed: everything then stays as it is.
 * @param now milliseconds since the epoch
 */
export function decide(
  observation: Observation,
  memory: DecisionMemory,
  settings: ScalingSettings,
  now: number,
): Decided {
  const { backlog, fleet } = observation;
  if (backlog.kind === 'unknown') return hold(memory, 'depth of the request queue', backlog.reason);
  if (fleet.kind === 'unknown') return hold(memory, 'fleet', fleet.reason);

  // An image being worked on still needs its worker: without the images in flight, a fleet would look too
  // large as soon as it has taken up its work, and be launched anew when some of that work is handed back.
  const images = backlog.value.visible + backlog.value.inFlight;
  const policy: Policy = POLICIES[settings.policy];
  const wanted = policy.want({ images, imagesPerWorker: settings.imagesPerWorker });
  const desired = Math.min(settings.maxWorkers, Math.max(settings.minWorkers, wanted.workers));
  const decision = steps(fleet.value, desired, policy, settings, now);
  return {
    decision,
    memory: { desired },
    because: `${explainDemand(wanted, desired)}; ${explainSteps(fleet.value, decision)}`,
  };
}

function steps(
  fleet: FleetView,
  desired: number,
  policy: Policy,
  settings: ScalingSettings,
  now: number,
): Decision {
  const missing = desired - countLive(fleet);
  const resume = callBack(fleet, missing);
  const notCalledBack = fleet.workers.filter(({ id }) => !resume.includes(id));
  const idleSeconds = settings.idleBeforeReleaseSeconds ?? policy.idleBeforeReleaseSeconds;
  return {
    desired,
    launch: launchCount(fleet, missing - resume.length, settings.maxWorkers),
    resume,
    drain: [
      ...release(fleet, -missing, idleSeconds, now),
      // Told again, under an id of our own: only that id's `drained` leads to a release (F5, F6).
      ...notCalledBack
        .filter((worker) => worker.state === 'draining' && !worker.instructed)
        .map(({ id }) => id),
    ],
    terminate: notCalledBack.filter(({ state }) => state === 'drained').map(({ id }) => id),
  };
}

function hold(memory: DecisionMemory, what: string, reason: string): Decided {
  return {
    decision: { desired: memory.desired, launch: 0, resume: [], drain: [], terminate: [] },
    memory,
    because: `the ${what} is unknown (${reason}): everything stays as it is`,
  };
}
