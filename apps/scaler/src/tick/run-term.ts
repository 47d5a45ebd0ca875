import type { Fleet } from '@labelfleet/aws/fleet';
import type { Queue } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';
import type { FleetCost } from '@labelfleet/contracts';
import type { Clock, Logger } from '@labelfleet/runtime';
import type { ScalingSettings, TemplateVersion } from '@labelfleet/scaling';
import type { Act } from '../act/act.ts';
import { CostKeeper } from '../publish/cost-keeper.ts';
import type { Rates } from '../publish/cost-ledger.ts';
import { listenForFleetEvents } from '../observe/fleet-event-listener.ts';
import { NOTHING_KNOWN, takeHeartbeats } from '../observe/fleet-knowledge.ts';
import type { JobWatch } from '../jobs/job-watch.ts';
import type { Place } from '../launch/launch-places.ts';
import { takeReceive } from '../observe/listening-clock.ts';
import type { MemoryKeeper } from '../memory/memory-keeper.ts';
import type { Metrics } from '../metrics.ts';
import { SnapshotPublisher } from '../publish/publish-snapshot.ts';
import { NOTHING_REFUSED, takeRefusal } from '../observe/refused-demand.ts';
import { runScalingLoop } from './scaling-loop.ts';
import type { TickLog } from './tick-log.ts';
import { createTick } from './tick.ts';

export interface TermDeps {
  requestQueue: Pick<Queue, 'depth'>;
  /**
   * Absent in a dry run, which must not take events from the leader; a dry run therefore takes every worker for
   * busy.
   */
  eventQueue?: Pick<Queue, 'receive' | 'ack'>;
  fleet: Pick<Fleet, 'list'>;
  fleetName: string;
  settings: ScalingSettings;
  memory: Pick<MemoryKeeper, 'read' | 'note' | 'idle'>;
  act: Act;
  places: readonly Place[];
  newestTemplate: () => Promise<string | undefined>;
  currentTemplate: () => Promise<TemplateVersion | undefined>;
  /** Undefined: there is no batch queue. */
  jobs?: JobWatch | undefined;
  /** Absent in a dry run, which publishes nothing. */
  stateStore?: Pick<ObjectStore, 'get' | 'put'>;
  rates: Rates;
  /** The price of an hour of a worker; undefined while it is not known. */
  workerHour: () => FleetCost['workerHour'];
  /** True if this scaler leads now. */
  leads: () => boolean;
  tickMs: number;
  /** Undefined if ticks are not recorded. */
  tickLog: TickLog | undefined;
  onTick: () => void;
  metrics: Metrics;
  log: Logger;
  clock: Clock;
}

/**
 * Runs ticks, watches jobs and receives fleet events until aborted, starting without any knowledge. Resolves when the last tick
 * has ended.
 */
export async function runTerm(deps: TermDeps, signal: AbortSignal): Promise<void> {
  const { eventQueue, memory, jobs, stateStore, rates, leads, onTick, metrics, log, clock } = deps;
  const knowledge = { current: NOTHING_KNOWN };
  const refused = { current: NOTHING_REFUSED };
  const publisher =
    stateStore &&
    new SnapshotPublisher(
      stateStore,
      new CostKeeper({ store: stateStore, rates, workerHour: deps.workerHour, metrics, log }),
      deps,
    );
  let idle = false;
  const tick = createTick({
    ...deps,
    onIdle(now) {
      idle = now;
      memory.idle(now);
    },
    knowledge,
    refused,
    publish: async (summary, now) =>
      publisher === undefined || !leads() ? { kind: 'unchanged' } : publisher.publish(summary, now),
  });
  const loop = runScalingLoop(
    {
      async tick() {
        await tick();
        onTick();
      },
      everyMs: deps.tickMs,
      onFault: () => metrics.tickFault(),
      log,
      clock,
    },
    signal,
  );
  const listener =
    eventQueue &&
    listenForFleetEvents(
      {
        queue: eventQueue,
        idle: () => idle,
        onReceive(kind) {
          const receive = { kind, endedAtMs: clock.monotonicMs() };
          const listening = takeReceive(knowledge.current.listening, receive);
          knowledge.current = { ...knowledge.current, listening };
        },
        onHeartbeats(events) {
          knowledge.current = takeHeartbeats(knowledge.current, events, clock.unixMs());
        },
        onRefusal(event) {
          refused.current = takeRefusal(refused.current, event, clock.unixMs());
        },
        onJobsChanged: () => jobs?.changed(),
        onMalformed: () => metrics.malformedEvent(),
        log,
        clock,
        random: Math.random,
      },
      signal,
    );
  await Promise.all([loop, listener, jobs?.run(signal)]);
}
