import type { Credentials } from './callers.ts';

/** A request that was accepted. */
export interface KnownRequest {
  offer: string;
  requestId: string;
}

interface KnownBatch {
  name: string;
  batchId: string;
}

/** The requests and batches of which a caller knows the id. */
export class Known {
  readonly #requests = new Map<string, Map<string, string>>();
  readonly #batches = new Map<string, Map<string, string>>();

  request({ caller }: Credentials, { offer, requestId }: KnownRequest): void {
    const own = this.#requests.get(caller) ?? new Map<string, string>();
    this.#requests.set(caller, own.set(requestId, offer));
  }

  batch({ caller }: Credentials, { name, batchId }: KnownBatch): void {
    const own = this.#batches.get(caller) ?? new Map<string, string>();
    this.#batches.set(caller, own.set(batchId, name));
  }

  /** The requests of a caller, the last one last. */
  requestsOf({ caller }: Credentials): KnownRequest[] {
    const own = this.#requests.get(caller) ?? [];
    return Array.from(own, ([requestId, offer]) => ({ requestId, offer }));
  }

  batchesOf({ caller }: Credentials): KnownBatch[] {
    const own = this.#batches.get(caller) ?? [];
    return Array.from(own, ([batchId, name]) => ({ batchId, name }));
  }
}
