import type { Queue } from '@labelfleet/aws/queue';
import { encodeFleetEvent, type FleetEvent, type WorkerState } from '@labelfleet/contracts';
import type { Logger, Clock } from '@labelfleet/runtime';
import type { ActivityReport } from '../receive/activity.ts';

const REPORT_EVERY_MS = 3_000;

export interface WorkerStatus extends ActivityReport {
  state: WorkerState;
  /** Absent before the first instruction. */
  instructionId?: string;
  slots: number;
}

interface FleetReporterDeps {
  events: Pick<Queue, 'send'>;
  instanceId: string;
  /** Name and version. */
  model: string;
  status: () => WorkerStatus;
  clock: Pick<Clock, 'unixMs' | 'sleep'>;
  log: Logger;
}

const TYPE_OF_STATE = { working: 'heartbeat', draining: 'draining', drained: 'drained' } as const;

/**
 * Tells the scaler how the worker is, every 3 s and when asked to (F5). Every report carries everything, so
 * one that cannot be sent is logged and made good by the next.
 */
export class FleetReporter {
  readonly #deps: FleetReporterDeps;
  readonly #startedAt: string;
  #introduced = false;
  #now = new AbortController();

  /** To be made when the worker is ready for work. */
  constructor(deps: FleetReporterDeps) {
    this.#deps = deps;
    this.#startedAt = new Date(deps.clock.unixMs()).toISOString();
  }

  /** Reports until the signal is aborted; resolves when no report is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#now = new AbortController();
      await this.#report();
      await this.#deps.clock.sleep(REPORT_EVERY_MS, AbortSignal.any([signal, this.#now.signal]));
    }
  }

  /** Has the next report go out at once: something has changed. */
  reportNow(): void {
    this.#now.abort();
  }

  /** The last report. */
  async stopped(end: { reason: string; unhealthy?: true }): Promise<void> {
    await this.#send({ ...this.#state(), type: 'stopped', ...end });
  }

  async #report(): Promise<void> {
    const state = this.#state();
    if (this.#introduced) await this.#send({ ...state, type: TYPE_OF_STATE[state.state] });
    // Repeated until one has been sent.
    else this.#introduced = await this.#send({ ...state, type: 'started' });
  }

  #state() {
    const { instanceId, model, status, clock } = this.#deps;
    const at = new Date(clock.unixMs()).toISOString();
    return { v: 1 as const, instanceId, at, startedAt: this.#startedAt, model, ...status() };
  }

  async #send(event: FleetEvent): Promise<boolean> {
    try {
      await this.#deps.events.send({ body: encodeFleetEvent(event) });
      return true;
    } catch (error) {
      this.#deps.log.warn({ error, report: event.type }, 'a report could not be sent');
      return false;
    }
  }
}
