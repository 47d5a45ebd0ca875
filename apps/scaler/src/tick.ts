import type { Fleet } from '@labelfleet/aws/fleet';
import type { Queue } from '@labelfleet/aws/queue';
import {
  decide,
  initialMemory,
  type DecisionMemory,
  type ScalingSettings,
} from '@labelfleet/scaling';
import type { Act } from './act.ts';
import type { FleetKnowledge } from './fleet-knowledge.ts';
import type { MemoryKeeper } from './memory-keeper.ts';
import type { Metrics } from './metrics.ts';
import { observe } from './observe.ts';
import type { Published } from './publish-snapshot.ts';
import { countRefused, type RefusedDemand } from './refused-demand.ts';
import type { TickSummary } from './snapshot.ts';
import { reason, sight, tell, type Sight, type TickLogger } from './tell.ts';
import type { TickLog } from './tick-log.ts';
import { understand } from './understand.ts';

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
  publish: (tick: TickSummary, now: number) => Promise<Published>;
  metrics: Pick<Metrics, 'observed' | 'suspected' | 'acted' | 'terms' | 'trouble' | 'tickTook'>;
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

  return async () => {
    const beganAt = options.now();
    const seen = await observe(requestQueue, fleet, fleetName);
    const now = options.now();
    const understood = understand(
      seen,
      knowledge.current,
      options.memory.read(),
      listeningSinceMs,
      now,
    );
    knowledge.current = understood.knowledge;
    const { remembered, health } = understood;
    const refused = countRefused(options.refused.current, settings.targetWaitSeconds, now);
    const observation = { ...understood.observation, ...(refused > 0 && { refused }) };
    // Whoever acted before has counted how long workers were not needed: that goes on.
    memory ??= { ...initialMemory, levels: remembered.levels };
    const inputs = { now, settings, memory, observation };
    const decided = decide(observation, memory, settings, now);
    memory = decided.memory;
    const acted = await act(decided, remembered, knowledge.current.reports, now);
    options.memory.note({ ...options.memory.read(), levels: memory.levels });
    const { terminates } = options.memory.read();
    await tell({ inputs, decided, acted, health, terminates }, options);
    lastSight = sight(observation) ?? lastSight;
    if (lastSight !== undefined) {
      metrics.observed(lastSight.backlog, lastSight.fleet, decided.decision.desired);
      const published = await options.publish(
        {
          ...lastSight,
          ...decided,
          because: reason(decided, acted),
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
