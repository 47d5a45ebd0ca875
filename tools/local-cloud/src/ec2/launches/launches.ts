import * as z from 'zod';

import { ApiError } from '../../api-error.ts';
import type { Collection, Storage } from '../../storage/storage.ts';
import type { Instance } from '../instances/instance.ts';

/** A client token is remembered for this long. */
const REMEMBERED_MS = 24 * 3_600_000;

const launch = z.object({
  /** As JSON, so that comparisons see the persisted form. */
  parameters: z.string(),
  instanceIds: z.array(z.string()),
  atMs: z.number(),
});

type Launch = z.output<typeof launch>;

/** Launches by their client token: the same token with the same parameters launches once. */
export class Launches {
  readonly #launches: Map<string, Launch>;
  readonly #stored: Collection<Launch>;
  readonly #find: (instanceId: string) => Instance;

  /** @param find an instance that was launched, for as long as its token is remembered */
  constructor(storage: Storage, find: (instanceId: string) => Instance) {
    this.#stored = storage.collection('launch', launch);
    this.#launches = new Map(this.#stored.entries());
    this.#find = find;
  }

  /**
   * Returns the instances of the first launch with this token, or calls `launch` if there was none.
   * @throws ApiError if the token was used with other parameters, or if all instances of its launch are terminated
   */
  once(token: string | undefined, given: unknown, launch: () => Instance[]): Instance[] {
    const nowMs = Date.now();
    for (const [known, { atMs }] of this.#launches) {
      if (atMs + REMEMBERED_MS >= nowMs) continue;
      this.#launches.delete(known);
      this.#stored.remove(known);
    }
    const parameters = JSON.stringify(given);
    const earlier = token === undefined ? undefined : this.#launches.get(token);
    if (earlier !== undefined) return this.#again(earlier, parameters);
    const instances = launch();
    if (token !== undefined) {
      const made = { parameters, instanceIds: instances.map(({ id }) => id), atMs: nowMs };
      this.#launches.set(token, made);
      this.#stored.save(token, made);
    }
    return instances;
  }

  #again(earlier: Launch, parameters: string): Instance[] {
    if (earlier.parameters !== parameters)
      throw new ApiError(
        'IdempotentParameterMismatch',
        'The client token was used before with other parameters.',
      );
    const instances = earlier.instanceIds.map(this.#find);
    if (instances.every(({ state }) => state === 'terminated'))
      throw new ApiError(
        'IdempotentInstanceTerminated',
        'What this client token launched has been terminated. Launch with a new token.',
      );
    return instances;
  }
}
