import * as z from 'zod';

const facts = z.record(z.string(), z.array(z.string()));
const listedSchema = z.looseObject({
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  matched: z.int(),
  fired: z.int(),
});
const heldSchema = z.object({
  held: z.array(
    z.looseObject({ id: z.int(), fault: z.string(), action: z.string(), facts, when: z.string() }),
  ),
});
const logSchema = z.object({
  entries: z.array(
    z.looseObject({
      sequence: z.int(),
      at: z.iso.datetime(),
      fault: z.string(),
      action: z.string(),
      facts,
      outcome: z.looseObject({ kind: z.string() }),
    }),
  ),
});

export type ListedFault = z.infer<typeof listedSchema>;
export type HeldCall = z.infer<typeof heldSchema>['held'][number];
export type FaultHit = z.infer<typeof logSchema>['entries'][number];

/** Client of the local cloud's faults API. Its calls reject while the local cloud is down. */
export class FaultsClient {
  readonly #endpoint: () => string;

  /** @param endpoint of the local cloud; a function if it starts later */
  constructor(endpoint: string | (() => string)) {
    this.#endpoint = typeof endpoint === 'string' ? () => endpoint : endpoint;
  }

  /** Calls the faults API and returns any answer. */
  async call(method: string, path = '', body?: unknown): Promise<{ status: number; text: string }> {
    const answer = await fetch(`${this.#endpoint()}/_local/faults${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5000),
    });
    return { status: answer.status, text: await answer.text() };
  }

  async set(fault: object): Promise<ListedFault> {
    return listedSchema.parse(await this.#json('POST', '', fault));
  }

  /** Sets a fault unless it is already set. */
  async ensure(fault: object): Promise<void> {
    await this.#json('POST', '', fault, 409);
  }

  async list(): Promise<ListedFault[]> {
    return z.object({ faults: z.array(listedSchema) }).parse(await this.#json('GET')).faults;
  }

  /** Removes a fault and releases its held calls. An unknown id is no error. */
  async clear(id: string): Promise<void> {
    await this.#json('DELETE', `/${id}`, undefined, 404);
  }

  async clearAll(): Promise<void> {
    await this.#json('DELETE');
  }

  /** The calls that a fault holds now; those of all faults without a name. */
  async held(fault?: string): Promise<HeldCall[]> {
    const { held } = heldSchema.parse(await this.#json('GET', '/held'));
    return held.filter((call) => fault === undefined || call.fault === fault);
  }

  /** Releases one held call. An unknown id is no error. */
  async release(held: number): Promise<void> {
    await this.#json('DELETE', `/held/${held}`, undefined, 404);
  }

  /** The faults that occurred, in order. */
  async log(filter: { fault?: string; after?: number } = {}): Promise<FaultHit[]> {
    const query = new URLSearchParams(
      Object.entries(filter).map(([key, value]): [string, string] => [key, `${value}`]),
    );
    return logSchema.parse(await this.#json('GET', `/log?${query.toString()}`)).entries;
  }

  /** @param alsoFine another status that is no error */
  async #json(method: string, path = '', body?: object, alsoFine?: number): Promise<unknown> {
    const { status, text } = await this.call(method, path, body);
    if (status < 300) return JSON.parse(text);
    if (status === alsoFine) return undefined;
    throw new Error(`${method} /_local/faults${path}: ${status} ${text}`);
  }
}
