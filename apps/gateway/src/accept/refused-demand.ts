import type { Queue } from '@labelfleet/aws/queue';
import { encodeRefusalEvent } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { repeat } from '../replies/pause.ts';

const REPORT_EVERY_MS = 1_000;
/** How long a gateway that could not tell of a refusal accepts what it would refuse. */
const SUSPENDED_FOR_MS = 60_000;

export interface RefusedDemandDeps {
  /** The fleet-event queue; undefined where this gateway was given none. */
  events: Pick<Queue, 'send'> | undefined;
  /** Names this process: with the time it names each event. */
  gatewayId: string;
  log: Pick<Logger, 'warn' | 'info'>;
  unixMs: () => number;
  /** A monotonic clock. */
  monotonicMs: () => number;
}

/**
 * Tells the scaler of requests that were refused for want of workers: they are on no queue, so without the
 * event nobody would launch a worker for the caller's next try. Nothing waits for it to be sent.
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
   * Whether the scaler can be told. Where it cannot, nothing may be refused for want of workers: only the
   * message of an accepted request would lead to one.
   */
  canReport(): boolean {
    const { events, monotonicMs } = this.#deps;
    return events !== undefined && monotonicMs() >= this.#suspendedUntilMs;
  }

  /** @param retryAfterSeconds when the caller was told to come again */
  record(retryAfterSeconds: number): void {
    this.#count += 1;
    this.#retryAfterSeconds = Math.max(this.#retryAfterSeconds, retryAfterSeconds);
  }

  /** Tells once a second of what was refused, until the signal is aborted. */
  run(signal: AbortSignal): Promise<void> {
    return repeat(REPORT_EVERY_MS, signal, () => this.report());
  }

  /** Never rejects. What could not be told is forgotten: its callers are accepted when they come again. */
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
      if (this.#failing)
        log.info({ event: 'refusals.told-again' }, 'refusals reach the scaler again');
      this.#failing = false;
    } catch (error) {
      this.#suspendedUntilMs = monotonicMs() + SUSPENDED_FOR_MS;
      if (!this.#failing)
        log.warn(
          { event: 'refusals.untold', error },
          'refusals do not reach the scaler: requests are accepted instead',
        );
      this.#failing = true;
    }
  }
}
