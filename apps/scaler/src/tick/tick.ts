import type { Fleet } from '@labelfleet/aws/fleet';
import type { Queue } from '@labelfleet/aws/queue';
import {
  decide,
  initialMemory,
  type DecisionMemory,
  type FleetView,
  type Observation,
  type ScalingSettings,
} from '@labelfleet/scaling';
import type { Act } from '../act/act.ts';
import {
  failedInARow,
  hasFailed,
  limitByBoots,
  NO_BOOTS,
  trackBoots,
  type Boots,
} from '../launch/boot-failures.ts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';
import type { FleetMemory } from '../memory/fleet-memory.ts';
import type { Health } from '../observe/health-watch.ts';
import type { Place } from '../launch/launch-places.ts';
import type { MemoryKeeper } from '../memory/memory-keeper.ts';
import type { Metrics } from '../metrics.ts';
import { observe, type Seen } from '../observe/observe.ts';
import type { Published } from '../publish/publish-snapshot.ts';
import { countRefused, type RefusedDemand } from '../observe/refused-demand.ts';
import type { TickSummary } from '../publish/snapshot.ts';
import { reason, sight, tell, type Sight, type TellOptions, type TickLogger } from './report-tick.ts';
import type { TickLog } from './tick-log.ts';
import { understand } from '../observe/interpret.ts';

export interface TickOptions {
  requestQueue: Pick<Queue, 'depth'>;
  fleet: Pick<Fleet, 'list'>;
  fleetName: string;
  settings: ScalingSettings;
  memory: Pick<MemoryKeeper, 'read' | 'note'>;
  /** What the workers reported, kept up to date by the listener. */
  knowledge: { current: FleetKnowledge };
  /** What gateways told that they refused, kept up to date by the listener. */
  refused: { readonly current: RefusedDemand };
  act: Act;
  /** Where workers may be launched. */
  places: readonly Place[];
  /** The newest version of the launch template, as `templateOf` names it; undefined where it cannot be read. */
  newestTemplate: () => Promise<string | undefined>;
  publish: (tick: TickSummary, now: number) => Promise<Published>;
  metrics: TellOptions['metrics'] & Pick<Metrics, 'observed' | 'tickTook'>;
  /** Undefined where no tick is to be written down. */
  tickLog: TickLog | undefined;
  logger: TickLogger;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Makes the tick: observe, decide, act, and tell of it. */
export function createTick(options: TickOptions): () => Promise<void> {
  const { requestQueue, fleet, fleetName, settings, knowledge, act, metrics, logger } = options;
  const listeningSinceMs = options.now();
  let memory: DecisionMemory | undefined;
  /** The last complete sight, which is shown while a part of it is missing. */
  let lastSight: Sight | undefined;

  async function takeBoots(
    before: FleetMemory,
    { listed }: Seen,
    reports: FleetKnowledge['reports'],
    { lost }: Health,
    now: number,
  ): Promise<Boots> {
    const { boots = NO_BOOTS } = before;
    if (listed.kind === 'unknown') return boots;
    // Whoever mends the template need not wait until the next launch is due.
    const template = failedInARow(boots).length > 0 ? await options.newestTemplate() : undefined;
    return trackBoots({ memory: before, listed: listed.value, reports, lost, template, now });
  }

  return async () => {
    const beganAt = options.now();
    const seen = await observe(requestQueue, fleet, fleetName);
    const now = options.now();
    const before = options.memory.read();
    const { reports } = knowledge.current;
    const understood = understand(seen, knowledge.current, before, listeningSinceMs, now);
    knowledge.current = understood.knowledge;
    const { health } = understood;
    const boots = await takeBoots(before, seen, reports, health, now);
    const remembered = { ...understood.remembered, boots };
    const refused = countRefused(options.refused.current, settings.targetWaitSeconds, now);
    const observation = withLaunchLimit(
      { ...understood.observation, ...(refused > 0 && { refused }) },
      limitByBoots(options.places, remembered, settings.maxWorkers, now),
    );
    // Whoever acted before has counted how long workers were not needed: that goes on.
    memory ??= { ...initialMemory, levels: remembered.levels };
    const inputs = { now, settings, memory, observation };
    const decided = decide(observation, memory, settings, now);
    memory = decided.memory;
    const acted = await act(decided, remembered, knowledge.current.reports, now);
    options.memory.note({ ...options.memory.read(), levels: memory.levels });
    const { boots: bootsBefore = NO_BOOTS } = before;
    const failedBoots = boots.failed.filter(
      ({ instanceId }) => !hasFailed(bootsBefore, instanceId),
    );
    const after = options.memory.read();
    await tell({ inputs, decided, acted, health, memory: after, failedBoots }, options);
    lastSight = sight(observation) ?? lastSight;
    if (lastSight !== undefined) {
      metrics.observed(lastSight.backlog, lastSight.fleet, decided.decision.desired);
      const published = await options.publish(
        {
          ...lastSight,
          ...decided,
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
        metrics.trouble('publish', 'failed');
        logger.warn(
          { event: 'snapshot.publish-failed', detail: published.detail },
          'fleet snapshot not published',
        );
      }
    }
    metrics.tickTook((options.now() - beganAt) / 1000);
  };
}

function withLaunchLimit(
  observation: Observation,
  launchLimit: FleetView['launchLimit'],
): Observation {
  const { fleet } = observation;
  if (fleet.kind === 'unknown' || launchLimit === undefined) return observation;
  return { ...observation, fleet: { ...fleet, value: { ...fleet.value, launchLimit } } };
}
