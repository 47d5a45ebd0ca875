/** As many different images in a row are no accident of one of them. */
const MOST_FAILED_REQUESTS = 5;

/**
 * Finds out that this worker can answer nothing: its attempts have failed for so many different requests,
 * with none classified in between. One poison image cannot bring that about, since its attempts count once;
 * a bad image says nothing about the worker.
 */
export class Health {
  readonly #failing = new Set<string>();
  readonly #unhealthy = Promise.withResolvers<string>();

  /** Resolves with the reason when the worker should be replaced. */
  get unhealthy(): Promise<string> {
    return this.#unhealthy.promise;
  }

  classified(): void {
    this.#failing.clear();
  }

  failed(requestId: string, error: unknown): void {
    this.#failing.add(requestId);
    if (this.#failing.size < MOST_FAILED_REQUESTS) return;
    const last = error instanceof Error ? error.message : String(error);
    this.#unhealthy.resolve(
      `the attempts at ${MOST_FAILED_REQUESTS} requests in a row failed, the last with: ${last}`,
    );
  }
}
