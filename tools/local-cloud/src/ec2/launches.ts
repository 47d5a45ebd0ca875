import { isDeepStrictEqual } from 'node:util';

import { ApiError } from '../api-error.ts';
import type { Instance } from './instance.ts';

/** A client token is remembered for this long. */
const REMEMBERED_MS = 24 * 3_600_000;

/** Launches by their client token: the same token with the same parameters launches once. */
export class Launches {
  readonly #launches = new Map<
    string,
    { parameters: unknown; instances: Instance[]; atMs: number }
  >();

  /**
   * The instances of the first launch with this token, or those that `launch` makes now.
   * @throws ApiError when the token came with other parameters
   */
  once(token: string | undefined, parameters: unknown, launch: () => Instance[]): Instance[] {
    const nowMs = Date.now();
    for (const [known, { atMs }] of this.#launches) {
      if (atMs + REMEMBERED_MS < nowMs) this.#launches.delete(known);
    }
    const earlier = token === undefined ? undefined : this.#launches.get(token);
    if (earlier !== undefined) {
      if (isDeepStrictEqual(earlier.parameters, parameters)) return earlier.instances;
      throw new ApiError(
        'IdempotentParameterMismatch',
        'The client token was used before with other parameters.',
      );
    }
    const instances = launch();
    if (token !== undefined) this.#launches.set(token, { parameters, instances, atMs: nowMs });
    return instances;
  }
}
