/** With so many different requests in a row it is not one image that makes the attempts fail. */
const MAX_FAILED_REQUESTS = 5;

/**
 * Detects that this worker is unhealthy: its attempts failed for 5 different requests, and none was
 * classified in between. One image that always fails counts once, and a bad image does not count.
 */
export class Health {
  readonly #failing = new Set<string>();
  readonly #unhealthy = Promise.withResolvers<string>();

  /** Resolves with the reason once the worker should be replaced. */
  get unhealthy(): Promise<string> {
    return this.#unhealthy.promise;
  }

  classified(): void {
    this.#failing.clear();
  }

  failed(requestId: string, error: unknown): void {
    this.#failing.add(requestId);
    if (this.#failing.size < MAX_FAILED_REQUESTS) return;
    const last = error instanceof Error ? error.message : String(error);
    this.#unhealthy.resolve(
      `the attempts at ${MAX_FAILED_REQUESTS} requests in a row failed, the last with: ${last}`,
    );
  }
}
