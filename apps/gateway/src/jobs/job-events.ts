import type { Queue } from '@labelfleet/aws/queue';
import { encodeJobsChangedEvent } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';

/** Tells the scaler that a job was created or stopped. */
export class JobEvents {
  readonly #events: Pick<Queue, 'send'> | undefined;
  readonly #unixMs: () => number;

  /** @param events the fleet-event queue; undefined if none is configured */
  constructor(events: Pick<Queue, 'send'> | undefined, unixMs: () => number) {
    this.#events = events;
    this.#unixMs = unixMs;
  }

  /** Never rejects: without the event the scaler sees the change at its next look at the jobs. */
  async changed(log: Pick<Logger, 'warn'>): Promise<void> {
    const at = new Date(this.#unixMs()).toISOString();
    const body = encodeJobsChangedEvent({ v: 1, type: 'jobs-changed', at });
    try {
      await this.#events?.send({ body });
    } catch (error) {
      log.warn({ event: 'job.event-failed', error }, 'scaler not told of a change of the jobs');
    }
  }
}
