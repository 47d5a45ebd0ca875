import { AwsCallError } from '@labelfleet/aws/errors';
import type { Logger } from '@labelfleet/runtime';
import { pause } from '../replies/pause.ts';

/** For so long the outcome of a check holds, unless a call has failed since. */
const FRESH_MS = 2_000;
const CHECK_AGAIN_MS = 1_000;

/**
 * Whether the queue and the buckets that a request needs can be reached: what `/readyz` tells, and what a
 * POST is refused by. It is found out when somebody asks or a call fails, and from then on again and again
 * until all is well; nothing is called while nothing happens.
 */
export class AwsHealth {
  readonly #checks: Readonly<Record<string, () => Promise<unknown>>>;
  readonly #monotonicMs: () => number;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #outages: readonly string[] = [];
  #checkedAtMs = -Infinity;
  #suspected = false;
  #checking: Promise<void> | undefined;
  #mending: Promise<void> = Promise.resolve();

  /**
   * @param checks what must be reachable, by its name; each rejects, within 5 s, where it is not
   * @param monotonicMs a monotonic clock
   */
  constructor(
    checks: Readonly<Record<string, () => Promise<unknown>>>,
    monotonicMs: () => number,
    log: Logger,
  ) {
    this.#checks = checks;
    this.#monotonicMs = monotonicMs;
    this.#log = log;
  }

  /** What is known to be out of reach, without asking. */
  get outages(): readonly string[] {
    return this.#outages;
  }

  /** What is out of reach now: known to be, or found out. */
  async check(): Promise<readonly string[]> {
    // Once more where a call has failed during the first: that began before the failure.
    for (let rounds = 0; rounds < 2; rounds++)
      if (this.#outages.length === 0 && !this.#isFresh()) await this.#checkNow();
    return this.#outages;
  }

  /** A call has failed: finds out whether the next would. */
  suspect(): void {
    this.#suspected = true;
    void this.check();
  }

  /** Checks no more; resolves when the last check is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#checking, this.#mending]);
  }

  #isFresh(): boolean {
    if (this.#stopping.signal.aborted) return true;
    if (this.#suspected || this.#checking !== undefined) return false;
    return this.#monotonicMs() - this.#checkedAtMs < FRESH_MS;
  }

  /** One check at a time: what is asked during it is answered by it. */
  #checkNow(): Promise<void> {
    this.#checking ??= this.#checkAll().finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  async #checkAll(): Promise<void> {
    // What fails from here on may be news to the checks under way.
    this.#suspected = false;
    const found = await Promise.all(
      Object.entries(this.#checks).map(([name, check]) =>
        check().then(
          () => [],
          (error: unknown) => [`${name} cannot be reached (${reasonOf(error)})`],
        ),
      ),
    );
    const outages = found.flat();
    const wasWell = this.#outages.length === 0;
    const isWell = outages.length === 0;
    this.#outages = outages;
    this.#checkedAtMs = this.#monotonicMs();
    if (wasWell && !isWell) {
      this.#log.error({ event: 'aws.unreachable', outages }, 'requests are refused');
      this.#mending = this.#checkUntilWell();
    }
    if (!wasWell && isWell) this.#log.info({ event: 'aws.reachable' }, 'requests are accepted');
  }

  async #checkUntilWell(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await pause(CHECK_AGAIN_MS, signal);
      if (signal.aborted || this.#outages.length === 0) return;
      await this.#checkNow();
    }
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof AwsCallError ? error.code : 'failed';
