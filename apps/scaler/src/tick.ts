import type { Fleet } from '@labelfleet/aws/fleet';
import type { Queue } from '@labelfleet/aws/queue';
import type { Logger } from '@labelfleet/runtime';
import {
  decide,
  initialMemory,
  type Decided,
  type FleetView,
  type Observation,
  type ScalingSettings,
} from '@labelfleet/scaling';
import type { Act, Acted } from './act.ts';
import { takeListing, withOverlooked, type FleetKnowledge } from './fleet-knowledge.ts';
import { decideTerminate, reconcile, type FleetMemory } from './fleet-memory.ts';
import { ALL_WELL, watchHealth, type Health } from './health-watch.ts';
import type { MemoryKeeper } from './memory-keeper.ts';
import type { Metrics } from './metrics.ts';
import { observe, type Seen } from './observe.ts';
import type { Published } from './publish-snapshot.ts';
import type { TickSummary } from './snapshot.ts';
import { viewFleet } from './view-fleet.ts';

export interface TickOptions {
  requestQueue: Pick<Queue, 'depth'>;
  fleet: Pick<Fleet, 'list'>;
  fleetName: string;
  settings: ScalingSettings;
  memory: Pick<MemoryKeeper, 'read'>;
  /** What the workers reported, kept up to date by the listener. */
  knowledge: { current: FleetKnowledge };
  act: Act;
  publish: (tick: TickSummary, now: number) => Promise<Published>;
  metrics: Pick<Metrics, 'observed' | 'suspected' | 'acted' | 'trouble' | 'tickTook'>;
  logger: Logger;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Makes the tick: observe, decide, act, and tell of it. */
export function createTick(options: TickOptions): () => Promise<void> {
  const { requestQueue, fleet, fleetName, settings, knowledge, act, metrics, logger } = options;
  const listeningSinceMs = options.now();
  let decisionMemory = initialMemory;
  /** The last complete sight, which is shown while a part of it is missing. */
  let lastSight: Pick<TickSummary, 'backlog' | 'fleet'> | undefined;

  return async () => {
    const beganAt = options.now();
    const seen = await observe(requestQueue, fleet, fleetName);
    const now = options.now();
    const { observation, remembered, health } = understand(options, seen, listeningSinceMs, now);
    const decided = decide(observation, decisionMemory, settings, now);
    decisionMemory = decided.memory;
    const acted = await act(decided, remembered, knowledge.current.reports, now);
    lastSight = sight(observation) ?? lastSight;
    metrics.acted(acted);
    metrics.suspected(health.suspected.length);
    // Apart from scale-in: these may have been at work (F7).
    const { terminates } = options.memory.read();
    for (const lost of health.lost.filter(({ instanceId }) => instanceId in terminates))
      logger.warn(lost, 'a worker cannot be heard: it is terminated');
    log(logger, observation, decided, acted);
    if (lastSight !== undefined) {
      metrics.observed(lastSight.backlog, lastSight.fleet, decided.decision.desired);
      const published = await options.publish(
        {
          ...lastSight,
          ...decided,
          acted,
          knowledge: knowledge.current,
          policy: settings.policy,
          limits: { min: settings.minWorkers, max: settings.maxWorkers },
        },
        now,
      );
      if (published.kind === 'failed') {
        metrics.trouble('publish', 'failed');
        logger.warn({ detail: published.detail }, 'the fleet snapshot cannot be published');
      }
    }
    metrics.tickTook((options.now() - beganAt) / 1000);
  };
}

interface Understood {
  observation: Observation;
  /** The memory with what was seen taken in, to be written down with the decision. */
  remembered: FleetMemory;
  health: Health;
}

/** Brings what is known up to date with what was seen, and makes the observation of it. */
function understand(
  { memory, knowledge }: TickOptions,
  { backlog, listed }: Seen,
  listeningSinceMs: number,
  now: number,
): Understood {
  if (listed.kind === 'unknown') {
    const { learned, settled } = knowledge.current;
    const observation = { backlog, fleet: listed, learned, settled };
    return { observation, remembered: memory.read(), health: ALL_WELL };
  }
  knowledge.current = takeListing(knowledge.current, listed.value, now);
  const instances = withOverlooked(listed.value, knowledge.current);
  const reconciled = reconcile(memory.read(), instances, now);
  const health = watchHealth(instances, knowledge.current, reconciled);
  const remembered = health.lost.reduce(
    (next, { instanceId, reason }) => decideTerminate(next, instanceId, reason),
    reconciled,
  );
  const { reports, learned, settled } = knowledge.current;
  const fleet: FleetView = viewFleet(instances, reports, remembered, listeningSinceMs);
  return {
    observation: { backlog, fleet: { kind: 'known', value: fleet }, learned, settled },
    remembered,
    health,
  };
}

function sight({
  backlog,
  fleet,
}: Observation): Pick<TickSummary, 'backlog' | 'fleet'> | undefined {
  if (backlog.kind === 'unknown' || fleet.kind === 'unknown') return undefined;
  return { backlog: backlog.value, fleet: fleet.value };
}

/** One line a tick: seen by everyone when it changed something, and otherwise only at debug. */
function log(logger: Logger, observation: Observation, decided: Decided, acted: Acted): void {
  const { decision, because } = decided;
  const { troubles, ...steps } = acted;
  const changed = Object.values(steps).some((count) => count > 0);
  const blind = sight(observation) === undefined;
  const level = troubles.length > 0 || blind ? 'warn' : changed ? 'info' : 'debug';
  const counts = observation.backlog.kind === 'known' ? { backlog: observation.backlog.value } : {};
  logger[level]({ ...counts, desired: decision.desired, ...acted, because }, 'tick');
  logger.trace({ observation, decision }, 'observation');
}
