import type { Queue } from '@labelfleet/aws/queue';
import {
  encodeFleetEvent,
  type FleetEvent,
  type HeartbeatJobs,
  type WorkerState,
} from '@labelfleet/contracts';
import type { Logger, Clock } from '@labelfleet/runtime';
import type { ActivityReport } from '../receive/activity.ts';

const HEARTBEAT_INTERVAL_MS = 3_000;

export interface WorkerStatus extends ActivityReport {
  state: WorkerState;
  /** Absent until the first instruction. */
  instructionId?: string;
  slots: number;
  /** Absent where it does not work on jobs. */
  jobs?: HeartbeatJobs;
}

interface HeartbeatsDeps {
  events: Pick<Queue, 'send'>;
  instanceId: string;
  /** Name and version. */
  model: string;
  modelSha256: string;
  status: () => WorkerStatus;
  clock: Pick<Clock, 'unixMs' | 'sleep'>;
  log: Logger;
}

const TYPE_OF_STATE = { working: 'heartbeat', draining: 'draining', drained: 'drained' } as const;

/**
 * Sends the scaler a heartbeat every 3 s, and one at once after each change (F5). Each heartbeat carries the
 * whole state, so one that cannot be sent is logged and not repeated.
 */
export class Heartbeats {
  readonly #deps: HeartbeatsDeps;
  readonly #startedAt: string;
  #startedSent = false;
  #wakeUp = new AbortController();

  /** Takes the time of this call as the time at which the worker started. */
  constructor(deps: HeartbeatsDeps) {
    this.#deps = deps;
    this.#startedAt = new Date(deps.clock.unixMs()).toISOString();
  }

  /** Sends heartbeats until the signal is aborted; resolves when no send is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wakeUp = new AbortController();
      await this.#sendHeartbeat();
      await this.#deps.clock.sleep(
        HEARTBEAT_INTERVAL_MS,
        AbortSignal.any([signal, this.#wakeUp.signal]),
      );
    }
  }

  /** Sends the next heartbeat at once, since something has changed. */
  sendNow(): void {
    this.#wakeUp.abort();
  }

  /** Sends the last event of this worker. */
  async stopped(end: { reason: string; unhealthy?: true }): Promise<void> {
    await this.#send({ ...this.#state(), type: 'stopped', ...end });
  }

  async #sendHeartbeat(): Promise<void> {
    const state = this.#state();
    if (this.#startedSent) await this.#send({ ...state, type: TYPE_OF_STATE[state.state] });
    // `started` is repeated until one has been sent.
    else this.#startedSent = await this.#send({ ...state, type: 'started' });
  }

  #state() {
    const { instanceId, model, modelSha256, status, clock } = this.#deps;
    const at = new Date(clock.unixMs()).toISOString();
    const identity = { v: 1 as const, instanceId, model, modelSha256 };
    return { ...identity, at, startedAt: this.#startedAt, ...status() };
  }

  async #send(event: FleetEvent): Promise<boolean> {
    try {
      await this.#deps.events.send({ body: encodeFleetEvent(event) });
      return true;
    } catch (error) {
      this.#deps.log.warn(
        { event: 'heartbeat.send-failed', error, report: event.type },
        'heartbeat not sent',
      );
      return false;
    }
  }
}
