import type { InstanceMetadata } from '@labelfleet/aws/metadata';
import type { Queue } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';
import type { Instruction } from '@labelfleet/contracts';
import { EXIT, type Logger, type Service, type Clock } from '@labelfleet/runtime';
import { Activity } from './receive/activity.ts';
import { watchForDrain } from './fleet/drain-watch.ts';
import { FleetReporter, type WorkerStatus } from './fleet/fleet-reporter.ts';
import type { HandleRequest } from './request/handle-request.ts';
import { watchForAbandonment } from './fleet/idle-watch.ts';
import type { Slots } from './receive/slots.ts';
import { WorkLoop } from './receive/work-loop.ts';

interface WorkerDeps {
  instanceId: string;
  /** Name and version. */
  model: string;
  queue: Pick<Queue, 'receive' | 'retryIn'>;
  events: Pick<Queue, 'send'>;
  metadata: Pick<InstanceMetadata, 'tags' | 'spotInterruption'>;
  /** The state bucket. */
  state: Pick<ObjectStore, 'get'>;
  handle: HandleRequest;
  /** Resolves with the reason when this worker should be replaced. */
  unhealthy: Promise<string>;
  slots: Slots;
  pollSeconds: number;
  visibilityTimeoutSeconds: number;
  drainTimeoutMs: number;
  idleShutdownMs: number;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** Ends what the parts above stand on; called once, when nothing uses them any more. */
  close: () => Promise<void>;
}

/**
 * Works, reports and follows instructions, until it is stopped or has a reason of its own to stop: a Spot
 * notice, unreadable tags, nobody to release it, its own failures. Every way to stop is the same: drain, report `stopped`.
 * It receives and reports nothing before it has tried to read its tags (F4).
 */
export function startWorker(deps: WorkerDeps): Service {
  const { slots, clock, log } = deps;
  const activity = new Activity(clock, slots.count);
  let instruction: Instruction | undefined;

  const loop = new WorkLoop({ ...deps, activity, onStateChange: () => reporter.reportNow() });
  const reporter = new FleetReporter({ ...deps, status });
  const reporting = new AbortController();
  const watching = new AbortController();
  const firstReading = Promise.withResolvers<void>();

  const working = firstReading.promise.then(() => loop.run());
  const reports = firstReading.promise.then(() => reporter.run(reporting.signal));
  const ownReason = Promise.race([
    watchForDrain({ ...deps, follow, onRead: firstReading.resolve }, watching.signal),
    watchForAbandonment({ ...deps, quietMs: () => activity.quietMs() }, watching.signal),
  ]);
  const unhealthy = deps.unhealthy.then((reason) => ({ reason, unhealthy: true as const }));
  let stopped: Promise<void> | undefined;
  const stop = (reason: string) => (stopped ??= shutDown({ reason }));

  function status(): WorkerStatus {
    return {
      state: loop.state,
      ...(instruction !== undefined && { instructionId: instruction.id }),
      slots: slots.count,
      ...activity.report(),
    };
  }

  function follow(newest: Instruction): void {
    log.info({ instruction: newest }, 'instruction');
    instruction = newest;
    if (newest.kind === 'drain') loop.drain();
    else loop.resume();
    reporter.reportNow();
  }

  async function shutDown(end: { reason: string; unhealthy?: true }): Promise<void> {
    const { reason } = end;
    log.info({ reason }, 'stopping');
    watching.abort();
    loop.stop();
    // A reading that still runs is not waited for.
    firstReading.resolve();
    await working;
    reporting.abort();
    await reports;
    await reporter.stopped(end);
    await deps.close();
    log.info({ reason }, 'stopped');
  }

  /** Resolves with the exit code. */
  async function stopByItself(): Promise<number> {
    // The loop and the reports end only by `stop`: that one of them ends first means that it failed.
    const end = await Promise.race([ownReason, unhealthy, working, reports]);
    if (typeof end !== 'object') {
      await (typeof end === 'string' ? stop(end) : stopped);
      return 0;
    }
    log.error({ event: 'worker.unhealthy', reason: end.reason }, 'worker unhealthy');
    await (stopped ??= shutDown(end));
    return EXIT.software;
  }

  return { stop, ended: stopByItself() };
}
