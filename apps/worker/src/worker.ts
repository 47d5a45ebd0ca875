import type { InstanceMetadata } from '@labelfleet/aws/metadata';
import type { Queue } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';
import type { Instruction } from '@labelfleet/contracts';
import { EXIT, type Logger, type Service, type Clock } from '@labelfleet/runtime';
import type { Activity } from './receive/activity.ts';
import { watchForDrain } from './fleet/drain-watch.ts';
import { Heartbeats, type WorkerStatus } from './fleet/heartbeats.ts';
import type { HandleRequest } from './request/handle-request.ts';
import { watchForAbandonment } from './fleet/idle-watch.ts';
import type { Slots } from './receive/slots.ts';
import { WorkLoop, type WorkOnJobs } from './receive/work-loop.ts';
import type { JobActivity } from './jobs/job-activity.ts';

interface WorkerDeps {
  instanceId: string;
  /** Name and version. */
  model: string;
  modelSha256: string;
  queue: Pick<Queue, 'receive' | 'retryIn'>;
  events: Pick<Queue, 'send'>;
  metadata: Pick<InstanceMetadata, 'tags' | 'spotInterruption'>;
  /** The state bucket. */
  state: Pick<ObjectStore, 'get'>;
  handle: HandleRequest;
  /** Undefined: the worker does not work on jobs. */
  workOnJobs?: WorkOnJobs | undefined;
  jobActivity?: Pick<JobActivity, 'quietMs' | 'report'> | undefined;
  /** Resolves with the reason when this worker should be replaced. */
  unhealthy: Promise<string>;
  slots: Slots;
  activity: Activity;
  pollSeconds: number;
  visibilityTimeoutSeconds: number;
  drainTimeoutMs: number;
  idleShutdownMs: number;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** Closes the connections and the classifier. Called once, when nothing uses them any more. */
  close: () => Promise<void>;
}

/**
 * Handles requests, sends heartbeats and follows instructions until it is stopped. It also stops at a Spot
 * notice, when its tags cannot be read, when no scaler is left, and when it is unhealthy. Every stop is a
 * drain, then a `stopped` event. Nothing is received or sent before the first try to read the tags (F4).
 */
export function startWorker(deps: WorkerDeps): Service {
  const { slots, activity, jobActivity, log } = deps;
  const quietMs = () => Math.min(activity.quietMs(), jobActivity?.quietMs() ?? Infinity);
  let instruction: Instruction | undefined;

  const loop = new WorkLoop({ ...deps, onStateChange: () => heartbeats.sendNow() });
  const heartbeats = new Heartbeats({ ...deps, status });
  const endOfHeartbeats = new AbortController();
  const endOfWatches = new AbortController();
  const firstRead = Promise.withResolvers<void>();

  const working = firstRead.promise.then(() => loop.run());
  const sending = firstRead.promise.then(() => heartbeats.run(endOfHeartbeats.signal));
  const reasonToStop = Promise.race([
    watchForDrain({ ...deps, follow, onRead: firstRead.resolve }, endOfWatches.signal),
    watchForAbandonment({ ...deps, quietMs }, endOfWatches.signal),
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
      ...(jobActivity && { jobs: jobActivity.report() }),
    };
  }

  function follow(newest: Instruction): void {
    log.info({ event: 'instruction.received', instruction: newest }, 'instruction received');
    instruction = newest;
    if (newest.kind === 'drain') loop.drain();
    else loop.resume();
    heartbeats.sendNow();
  }

  async function shutDown(end: { reason: string; unhealthy?: true }): Promise<void> {
    const { reason } = end;
    log.info({ event: 'app.stopping', reason }, 'stopping');
    endOfWatches.abort();
    loop.stop();
    // A first read that still runs must not delay the stop.
    firstRead.resolve();
    await working;
    endOfHeartbeats.abort();
    await sending;
    await heartbeats.stopped(end);
    await deps.close();
    log.info({ event: 'app.stopped', reason }, 'stopped');
  }

  /** Resolves with the exit code. */
  async function stopWhenNeeded(): Promise<number> {
    // The loop and the heartbeats end only by `stop`, so one of them that ends first has failed.
    const end = await Promise.race([reasonToStop, unhealthy, working, sending]);
    if (typeof end !== 'object') {
      await (typeof end === 'string' ? stop(end) : stopped);
      return 0;
    }
    log.error({ event: 'worker.unhealthy', reason: end.reason }, 'worker unhealthy');
    await (stopped ??= shutDown(end));
    return EXIT.software;
  }

  return { stop, ended: stopWhenNeeded() };
}
