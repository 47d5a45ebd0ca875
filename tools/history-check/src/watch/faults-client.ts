import * as z from 'zod';

const facts = z.record(z.string(), z.array(z.string()));
const heldSchema = z.object({
  held: z.array(z.object({ id: z.int(), fault: z.string(), action: z.string(), facts })),
});
const logSchema = z.object({
  entries: z.array(
    z.object({
      sequence: z.int(),
      at: z.iso.datetime(),
      fault: z.string(),
      action: z.string(),
      facts,
      outcome: z.object({ kind: z.string() }),
    }),
  ),
});

export type HeldCall = z.infer<typeof heldSchema>['held'][number];
export type FaultHit = z.infer<typeof logSchema>['entries'][number];

/** Sets faults of a local cloud and tells what they hit. Rejects while the local cloud does not run. */
export class FaultsClient {
  readonly #url: string;

  constructor(endpoint: string) {
    this.#url = `${endpoint}/_local/faults`;
  }

  /** @param accepted statuses that are no error either: 409 where the fault may be set already */
  async set(fault: object, accepted: readonly number[] = []): Promise<void> {
    await this.#call('POST', '', fault, accepted);
  }

  /** Lets go of what it holds. One that is not set (any more) is no error. */
  async clear(id: string): Promise<void> {
    await this.#call('DELETE', `/${id}`, undefined, [404]);
  }

  async clearAll(): Promise<void> {
    await this.#call('DELETE', '');
  }

  /** What waits now because of a fault. */
  async held(fault: string): Promise<HeldCall[]> {
    return (await this.allHeld()).filter((call) => call.fault === fault);
  }

  /** What waits now because of any fault. */
  async allHeld(): Promise<HeldCall[]> {
    return heldSchema.parse(await this.#call('GET', '/held')).held;
  }

  /** Lets one held call go on. One that has gone on is no error. */
  async release(held: number): Promise<void> {
    await this.#call('DELETE', `/held/${held}`, undefined, [404]);
  }

  /** What was hit, from the one after this on. */
  async log(after: number): Promise<FaultHit[]> {
    return logSchema.parse(await this.#call('GET', `/log?after=${after}`)).entries;
  }

  /** What a fault has hit. */
  async hits(fault: string): Promise<FaultHit[]> {
    return logSchema.parse(await this.#call('GET', `/log?fault=${fault}`)).entries;
  }

  async #call(
    method: string,
    path: string,
    body?: object,
    accepted: readonly number[] = [],
  ): Promise<unknown> {
    const answer = await fetch(this.#url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5000),
    });
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text);
    if (accepted.includes(answer.status)) return undefined;
    throw new Error(`${method} /_local/faults${path}: ${answer.status} ${text}`);
  }
}
