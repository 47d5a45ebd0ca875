import type { Queue } from '@labelfleet/aws/queue';
import { encodeRefusalEvent } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { repeat } from '../replies/repeat.ts';

const REPORT_EVERY_MS = 1_000;
/** After a failed report the gateway accepts every deadline for this long. */
const SUSPENDED_FOR_MS = 60_000;

export interface RefusedDemandDeps {
  /** The fleet-event queue; undefined if none is configured. */
  events: Pick<Queue, 'send'> | undefined;
  /** Names this process. With the time it identifies each event. */
  gatewayId: string;
  log: Pick<Logger, 'warn' | 'info'>;
  unixMs: () => number;
  /** A monotonic clock. */
  monotonicMs: () => number;
}

/**
 * Reports to the scaler the requests that were refused for want of workers. They are on no queue, so without the
 * event no worker would be launched for the caller's next try. No response waits for the report.
 */
export class RefusedDemand {
  readonly #deps: RefusedDemandDeps;
  #count = 0;
  #retryAfterSeconds = 0;
  #suspendedUntilMs = -Infinity;
  #failing = false;

  constructor(deps: RefusedDemandDeps) {
    this.#deps = deps;
  }

  /**
   * True if the scaler can be reached. If it cannot, no request may be refused for want of workers, because only the
   * message of an accepted request makes the scaler launch one.
   */
  canReport(): boolean {
    const { events, monotonicMs } = this.#deps;
    return events !== undefined && monotonicMs() >= this.#suspendedUntilMs;
  }

  /** @param retryAfterSeconds the Retry-After of the refusal */
  record(retryAfterSeconds: number): void {
    this.#count += 1;
    this.#retryAfterSeconds = Math.max(this.#retryAfterSeconds, retryAfterSeconds);
  }

  /** Reports once a second until the signal is aborted. */
  run(signal: AbortSignal): Promise<void> {
    return repeat(REPORT_EVERY_MS, signal, () => this.report());
  }

  /** Never rejects. Refusals that could not be reported are dropped: their callers are accepted at the next try. */
  async report(): Promise<void> {
    const { events, gatewayId, log, unixMs, monotonicMs } = this.#deps;
    if (events === undefined || this.#count === 0) return;
    const [count, retryAfterSeconds] = [this.#count, this.#retryAfterSeconds];
    this.#count = 0;
    this.#retryAfterSeconds = 0;
    const at = new Date(unixMs()).toISOString();
    try {
      await events.send({
        body: encodeRefusalEvent({
          v: 1,
          type: 'refused',
          gatewayId,
          at,
          count,
          retryAfterSeconds,
        }),
      });
      if (this.#failing) log.info({ event: 'refusals.reported' }, 'refusals reported again');
      this.#failing = false;
    } catch (error) {
      this.#suspendedUntilMs = monotonicMs() + SUSPENDED_FOR_MS;
      if (!this.#failing)
        log.warn(
          { event: 'refusals.report-failed', error },
          'refusals not reported, deadlines accepted instead',
        );
      this.#failing = true;
    }
  }
}
