import type { DecisionMemory } from './decision-memory.ts';
import type { Decision, ScalingSettings } from './decision.ts';
import { jobDemand, type JobDemand } from './jobs/job-demand.ts';
import { explainJobs, planForJobs } from './jobs/plan-for-jobs.ts';
import { hasChunks, type FleetView, type Observation } from './observation.ts';
import { POLICIES, type Plan, type Policy, type PolicyTerms } from './policies/index.ts';
import { outdatedWorkers } from './roll/outdated.ts';
import { planRoll, type Roll } from './roll/plan-roll.ts';
import { workersToResume, launchCount } from './scale-out.ts';

export interface Decided {
  decision: Decision;
  memory: DecisionMemory;
  /** How many wanted workers exceed the maximum until instances or launches have ended. */
  withoutRoom: number;
  /** The decision in a sentence, for logs and operators. */
  reason: string;
  /** The terms of the decision; null if the policy has none, or something could not be observed. */
  terms: PolicyTerms | null;
  /** What jobs want; absent: there is no batch queue, or something else could not be observed. */
  jobs?: JobDemand;
}

/**
 * Makes a tick's decision. The policy returns how many workers it wants; the steps that all policies share turn
 * that into which workers to resume, how many to launch and which to release. If something cannot be observed it is
 * not guessed, and nothing changes.
 * @param now milliseconds since the epoch
 */
export function decide(
  observation: Observation,
  memory: DecisionMemory,
  settings: ScalingSettings,
  now: number,
): Decided {
  const { backlog, fleet, learned, completed, refused = 0, jobs } = observation;
  if (backlog.kind === 'unknown')
    return changeNothing(memory, 'depth of the request queue', backlog.reason, now);
  if (fleet.kind === 'unknown') return changeNothing(memory, 'fleet', fleet.reason, now);

  const policy: Policy = POLICIES[settings.policy];
  const outdated = settings.roll === true ? outdatedWorkers(fleet.value) : NONE;
  const rolling = outdated.size > 0;
  const input = {
    backlog: backlog.value,
    fleet: fleet.value,
    learned,
    completed,
    refused,
    jobs: jobs !== undefined,
    rolling,
  };
  const forRequests = policy(input, memory, settings, now);
  const forJobs = jobs && jobDemand({ ...input, ...settings, jobs }, memory.jobs, now);
  const plan = forJobs
    ? planForJobs(forRequests, forJobs.demand, fleet.value, settings)
    : forRequests;
  const roll = planRoll(fleet.value, outdated, plan, settings);
  const released = workersToRelease(plan, roll);
  const wanted = steps(fleet.value, plan, roll, released, settings, now);
  const limited = limitLaunch(wanted, fleet.value);
  // A replacement that is launched already is not one too many.
  const explained = {
    ...wanted,
    desired: plan.desired + (plan.live > plan.desired ? roll.spare : 0),
  };
  return {
    decision: limited.decision,
    withoutRoom: Math.max(0, plan.desired - plan.live - wanted.resume.length - wanted.launch),
    memory: {
      ...plan.memory,
      desired: plan.desired,
      unseenSinceMs: null,
      ...(forJobs && { jobs: forJobs.memory }),
    },
    reason: [
      plan.explain(explained, released.length),
      limited.reason,
      roll.reason,
      forJobs ? explainJobs(forJobs.demand, staying(fleet.value, plan, released), now) : '',
    ].join(''),
    terms: plan.terms,
    ...(forJobs && { jobs: forJobs.demand }),
  };
}

/** Workers beyond those that are wanted that are not released because of their chunks. */
function staying({ workers }: FleetView, plan: Plan, released: readonly string[]): number {
  const holding = workers.filter((worker) => hasChunks(worker) && !released.includes(worker.id));
  return Math.max(0, Math.min(plan.live - plan.desired - released.length, holding.length));
}

const NONE: ReadonlySet<string> = new Set();

/** The outdated worker that the roll drains, and the workers beyond those that are wanted, outdated ones first. */
function workersToRelease({ releasable, live, desired }: Plan, roll: Roll): string[] {
  const rolled = roll.drain === undefined ? [] : [roll.drain];
  const order = releasable
    .filter((id) => id !== roll.drain)
    .toSorted((a, b) => Number(roll.outdated.has(b)) - Number(roll.outdated.has(a)));
  return [...rolled, ...order.slice(0, Math.max(0, live - rolled.length - desired - roll.spare))];
}

function steps(
  fleet: FleetView,
  { desired, live, leastAgeSeconds = 0 }: Plan,
  roll: Roll,
  released: readonly string[],
  settings: ScalingSettings,
  now: number,
): Decision {
  const rolled = roll.drain === undefined ? 0 : 1;
  const staying = live - rolled;
  const missing = Math.max(desired - staying, roll.launch ? 1 : 0);
  const resume = workersToResume(fleet, missing, { limited: roll.outdated, most: roll.resumable });
  const others = fleet.workers.filter(({ id }) => !resume.includes(id));
  return {
    desired,
    launch: launchCount(fleet, missing - resume.length, settings.maxWorkers),
    resume,
    drain: [
      ...released,
      // They get a new instruction, because only a `drained` under an id of this scaler may lead to a termination
      // (F5, F6).
      ...others
        .filter((worker) => worker.state === 'draining' && !worker.instructed)
        .map(({ id }) => id),
    ],
    terminate: others
      .filter(({ state }) => state === 'drained')
      .filter(({ launchedAtMs }) => now - launchedAtMs >= 1000 * leastAgeSeconds)
      .map(({ id }) => id),
  };
}

/** Limits the launches while boots fail; `reason` is appended to the sentence. */
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

function changeNothing(memory: DecisionMemory, what: string, reason: string, now: number): Decided {
  return {
    decision: { desired: memory.desired, launch: 0, resume: [], drain: [], terminate: [] },
    withoutRoom: 0,
    memory: { ...memory, unseenSinceMs: memory.unseenSinceMs ?? now },
    reason: `the ${what} is unknown (${reason}): no change`,
    terms: null,
  };
}
