import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetMemory } from '@labelfleet/contracts';
import { expectBoot, type Observation } from '@labelfleet/scaling';
import { takeListing, withOverlooked, type FleetKnowledge } from './fleet-knowledge.ts';
import { decideTerminate, reconcile } from '../memory/fleet-memory.ts';
import { ALL_WELL, silences, watchHealth, type Health } from './health-watch.ts';
import type { AwsObservation } from './observe.ts';
import { viewFleet } from './view-fleet.ts';

export interface Interpretation {
  observation: Observation;
  knowledge: FleetKnowledge;
  /** The memory updated with the observation, to be written with the decision. */
  fleetMemory: FleetMemory;
  health: Health;
}

/**
 * Updates the knowledge with what was read from AWS, and makes the observation from it.
 * @param listeningSinceMs when this scaler started to receive heartbeats
 */
export function interpret(
  { backlog, listed }: AwsObservation,
  before: FleetKnowledge,
  memory: FleetMemory,
  listeningSinceMs: number,
  now: number,
): Interpretation {
  const { learned, completed } = before;
  if (listed.kind === 'unknown')
    return {
      observation: { backlog, fleet: listed, learned, completed },
      knowledge: before,
      fleetMemory: memory,
      health: ALL_WELL,
    };
  const knowledge = takeListing(before, listed.value, now, memory.silentMs);
  const instances = withOverlooked(listed.value, knowledge);
  const reconciled = reconcile(memory, instances, now);
  const overdueMs = 1000 * expectBoot(knowledge.learned).overdue;
  const longUp = ({ state, launchedAt }: FleetInstance) => {
    const launchedAtMs = launchedAt.getTime();
    return state === 'running' && launchedAtMs < listeningSinceMs && now - launchedAtMs > overdueMs;
  };
  const health = watchHealth(instances, knowledge, reconciled, longUp);
  const fleetMemory = health.lost.reduce(
    (next, { instanceId, reason }) => decideTerminate(next, instanceId, reason),
    { ...reconciled, silentMs: silences(instances, knowledge) },
  );
  const { heartbeats } = knowledge;
  const { suspected } = health;
  const fleet = viewFleet(instances, heartbeats, fleetMemory, listeningSinceMs, suspected);
  return {
    observation: {
      backlog,
      fleet: { kind: 'known', value: fleet },
      learned: knowledge.learned,
      completed: knowledge.completed,
    },
    knowledge,
    fleetMemory,
    health,
  };
}
