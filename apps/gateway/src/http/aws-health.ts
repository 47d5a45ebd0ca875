import { AwsCallError } from '@labelfleet/aws/errors';
import { sleep, type Logger } from '@labelfleet/runtime';

/** The outcome of a check is valid this long, unless a call has failed since. */
const FRESH_MS = 2_000;
const CHECK_AGAIN_MS = 1_000;

/**
 * Knows whether the queue and the buckets that a request needs can be reached. `/readyz` reports it, and a POST is
 * refused if they cannot. A check runs on demand and after a failed call, and then every second until everything is
 * reachable. An idle gateway makes no calls.
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
  #recovering: Promise<void> = Promise.resolve();

  /**
   * @param checks by the name of the dependency; each rejects within 5 s if it cannot be reached
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

  /** The dependencies that could not be reached at the last check. */
  get outages(): readonly string[] {
    return this.#outages;
  }

  /** Checks if the last outcome is no longer valid. @returns the dependencies that cannot be reached */
  async check(): Promise<readonly string[]> {
    // A second round if a call failed during the first, which began before that failure.
    for (let rounds = 0; rounds < 2; rounds++)
      if (this.#outages.length === 0 && !this.#isFresh()) await this.#checkNow();
    return this.#outages;
  }

  /** To be called when a call has failed: checks whether the next one would fail too. */
  suspect(): void {
    this.#suspected = true;
    void this.check();
  }

  /** Stops checking; resolves when the last check has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#checking, this.#recovering]);
  }

  #isFresh(): boolean {
    if (this.#stopping.signal.aborted) return true;
    if (this.#suspected || this.#checking !== undefined) return false;
    return this.#monotonicMs() - this.#checkedAtMs < FRESH_MS;
  }

  /** Runs at most one check at a time; concurrent callers share it. */
  #checkNow(): Promise<void> {
    this.#checking ??= this.#checkAll().finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  async #checkAll(): Promise<void> {
    // A call that fails from here on may have started after these checks.
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
    const wasReachable = this.#outages.length === 0;
    const isReachable = outages.length === 0;
    this.#outages = outages;
    this.#checkedAtMs = this.#monotonicMs();
    if (wasReachable && !isReachable) {
      this.#log.error({ event: 'aws.unreachable', outages }, 'AWS unreachable, requests refused');
      this.#recovering = this.#checkUntilReachable();
    }
    if (!wasReachable && isReachable)
      this.#log.info({ event: 'aws.reachable' }, 'AWS reachable, requests accepted');
  }

  async #checkUntilReachable(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await sleep(CHECK_AGAIN_MS, signal);
      if (signal.aborted || this.#outages.length === 0) return;
      await this.#checkNow();
    }
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof AwsCallError ? error.code : 'failed';
