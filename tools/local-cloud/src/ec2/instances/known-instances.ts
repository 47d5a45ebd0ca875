import { ApiError } from '../../api-error.ts';
import type { Storage } from '../../storage/storage.ts';
import type { InstanceView } from './instance-view.ts';
import type { Instance } from './instance.ts';
import { StoredInstances } from './stored-instances.ts';

/** How long a terminated instance is still listed. */
const LISTED_AFTER_END_MS = 3_600_000;

/** How long a terminated instance is remembered, which is longer than its client token is. */
const KNOWN_AFTER_END_MS = 25 * 3_600_000;

/** All instances by id, including those that an earlier process persisted. */
export class KnownInstances implements InstanceView {
  readonly #instances = new Map<string, Instance>();
  readonly #stored: StoredInstances;

  constructor(storage: Storage) {
    this.#stored = new StoredInstances(storage);
    for (const instance of this.#stored.read()) this.#instances.set(instance.id, instance);
  }

  get size(): number {
    return this.#instances.size;
  }

  /** Lists instances in the order of launch, including those that were terminated within the last hour. */
  all(): Instance[] {
    const nowMs = Date.now();
    return [...this.#instances.values()].filter(({ id, terminatedAtMs = nowMs }) => {
      if (terminatedAtMs < nowMs - KNOWN_AFTER_END_MS) this.#forget(id);
      return terminatedAtMs >= nowMs - LISTED_AFTER_END_MS;
    });
  }

  get(id: string): Instance {
    const instance = this.#instances.get(id);
    if (instance !== undefined) return instance;
    throw /^i-[0-9a-f]{17}$/.test(id)
      ? new ApiError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
      : new ApiError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
  }

  /** The instances that have not ended. */
  living(): Instance[] {
    return [...this.#instances.values()].filter(({ state }) => state !== 'terminated');
  }

  /** Persists the current state of an instance. */
  save(instance: Instance): void {
    this.#instances.set(instance.id, instance);
    this.#stored.save(instance);
  }

  #forget(id: string): void {
    this.#instances.delete(id);
    this.#stored.remove(id);
  }
}
