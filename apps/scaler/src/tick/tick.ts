import type { Fleet } from '@labelfleet/aws/fleet';
import type { Queue } from '@labelfleet/aws/queue';
import type { FleetMemory } from '@labelfleet/contracts';
import type { Clock } from '@labelfleet/runtime';
import {
  decide,
  initialMemory,
  type DecisionMemory,
  type FleetView,
  type Observation,
  type ScalingSettings,
  type TemplateVersion,
} from '@labelfleet/scaling';
import type { Act } from '../act/act.ts';
import { limitByBoots } from '../launch/limit-launches.ts';
import { failedInARow, hasFailed, trackBoots, type Boots } from '../launch/track-boots.ts';
import type { JobWatch } from '../jobs/job-watch.ts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';
import type { Health } from '../observe/health-watch.ts';
import type { Place } from '../launch/launch-places.ts';
import type { MemoryKeeper } from '../memory/memory-keeper.ts';
import type { Metrics } from '../metrics.ts';
import { observe, type AwsObservation } from '../observe/observe.ts';
import type { PublishResult } from '../publish/publish-snapshot.ts';
import { countRefused, type RefusedDemand } from '../observe/refused-demand.ts';
import type { TickSummary } from '../publish/snapshot.ts';
import {
  reason,
  completeObservation,
  reportTick,
  type CompleteObservation,
  type ReportDeps,
  type TickLogger,
} from './report-tick.ts';
import type { TickLog } from './tick-log.ts';
import { interpret } from '../observe/interpret.ts';
import { isIdle } from './is-idle.ts';
import { isStalled } from '../jobs/is-stalled.ts';

export interface TickDeps {
  requestQueue: Pick<Queue, 'depth'>;
  fleet: Pick<Fleet, 'list'>;
  fleetName: string;
  settings: ScalingSettings;
  memory: Pick<MemoryKeeper, 'read' | 'note'>;
  /** Called in each tick: true if there is nothing to do. */
  onIdle: (idle: boolean) => void;
  /** What the heartbeats say, kept up to date by the listener. */
  knowledge: { current: FleetKnowledge };
  /** Requests that gateways refused, kept up to date by the listener. */
  refused: { readonly current: RefusedDemand };
  /** Undefined: there is no batch queue. */
  jobs?: Pick<JobWatch, 'current' | 'stalledSeconds'> | undefined;
  act: Act;
  /** Where workers may be launched. */
  places: readonly Place[];
  /** The newest version of the launch template, as `templateOf` names it; undefined if it cannot be read. */
  newestTemplate: () => Promise<string | undefined>;
  /** The version with which workers are compared in a roll; undefined if it is unknown. */
  currentTemplate: () => Promise<TemplateVersion | undefined>;
  publish: (tick: TickSummary, now: number) => Promise<PublishResult>;
  metrics: ReportDeps['metrics'] & Pick<Metrics, 'observed' | 'jobs' | 'tickTook'>;
  /** Undefined if ticks are not recorded. */
  tickLog: TickLog | undefined;
  log: TickLogger;
  clock: Pick<Clock, 'unixMs' | 'monotonicMs'>;
}

/** Creates the function that runs one tick: observe, decide, act, publish. */
export function createTick(deps: TickDeps): () => Promise<void> {
  const { requestQueue, fleet, fleetName, settings, knowledge, act, metrics, log, clock } = deps;
  const listeningSinceMs = clock.unixMs();
  let memory: DecisionMemory | undefined;
  /** The last complete observation, which is published while a part is unknown. */
  let lastComplete: CompleteObservation | undefined;

  async function trackBootsOf(
    before: FleetMemory,
    { listed }: AwsObservation,
    heartbeats: FleetKnowledge['heartbeats'],
    { lost }: Health,
    now: number,
  ): Promise<Boots> {
    if (listed.kind === 'unknown') return before.boots;
    // A corrected template ends the pause before the next launch, so its version is read now.
    const template =
      failedInARow(before.boots).length > 0 ? await deps.newestTemplate() : undefined;
    return trackBoots({ memory: before, listed: listed.value, heartbeats, lost, template, now });
  }

  /** Read only while there are workers that might be outdated. */
  async function templateToRollTo({ fleet }: Observation) {
    const workers = fleet.kind === 'known' ? fleet.value.workers.length : 0;
    return settings.roll === true && workers > 0 ? deps.currentTemplate() : undefined;
  }

  return async () => {
    const beganAtMs = clock.monotonicMs();
    const seen = await observe(requestQueue, fleet, fleetName);
    const now = clock.unixMs();
    const before = deps.memory.read();
    const { heartbeats } = knowledge.current;
    const interpretation = interpret(seen, knowledge.current, before, listeningSinceMs, now);
    knowledge.current = interpretation.knowledge;
    const { health } = interpretation;
    const boots = await trackBootsOf(before, seen, heartbeats, health, now);
    const fleetMemory = { ...interpretation.fleetMemory, boots };
    const refused = countRefused(deps.refused.current, settings.targetWaitSeconds, now);
    const observation = withFleet(
      {
        ...interpretation.observation,
        ...(refused > 0 && { refused }),
        ...(deps.jobs && { jobs: deps.jobs.current }),
      },
      {
        launchLimit: limitByBoots(deps.places, fleetMemory, settings.maxWorkers, now),
        newestTemplate: await templateToRollTo(interpretation.observation),
      },
    );
    // The leader before this one has measured how long workers were not needed; continue from there.
    memory ??= { ...initialMemory, levels: fleetMemory.levels };
    const inputs = { now, settings, memory, observation };
    const decided = decide(observation, memory, settings, now);
    memory = decided.memory;
    const idle = isIdle(observation, fleetMemory, decided.decision);
    deps.onIdle(idle);
    const acted = await act(decided, fleetMemory, knowledge.current.heartbeats, now);
    deps.memory.note({ ...deps.memory.read(), levels: memory.levels });
    const failedBoots = boots.failed.filter(
      ({ instanceId }) => !hasFailed(before.boots, instanceId),
    );
    const after = deps.memory.read();
    await reportTick({ inputs, decided, acted, health, memory: after, failedBoots }, deps);
    if (deps.jobs !== undefined)
      metrics.jobs(decided.jobs, isStalled(deps.jobs.stalledSeconds, observation.learned));
    lastComplete = completeObservation(observation) ?? lastComplete;
    if (lastComplete !== undefined) {
      metrics.observed(lastComplete.backlog, lastComplete.fleet, decided.decision.desired);
      const published = await deps.publish(
        {
          ...lastComplete,
          ...decided,
          idle,
          reason: reason(decided, acted),
          acted,
          boots,
          knowledge: knowledge.current,
          policy: settings.policy,
          limits: { min: settings.minWorkers, max: settings.maxWorkers },
        },
        now,
      );
      if (published.kind === 'failed') {
        metrics.callFailed('publish', 'failed');
        log.warn(
          { event: 'snapshot.publish-failed', detail: published.detail },
          'fleet snapshot not published',
        );
      }
    }
    metrics.tickTook((clock.monotonicMs() - beganAtMs) / 1000);
  };
}

/** Adds to the fleet what is known of launches. */
function withFleet(
  observation: Observation,
  {
    launchLimit,
    newestTemplate,
  }: { launchLimit: FleetView['launchLimit']; newestTemplate: FleetView['newestTemplate'] },
): Observation {
  const { fleet } = observation;
  if (fleet.kind === 'unknown') return observation;
  const value = {
    ...fleet.value,
    ...(launchLimit && { launchLimit }),
    ...(newestTemplate && { newestTemplate }),
  };
  return { ...observation, fleet: { ...fleet, value } };
}
