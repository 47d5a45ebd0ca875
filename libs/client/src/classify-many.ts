import type { Retry } from './call.ts';
import type { Client } from './client.ts';
import type { Clock } from './clock.ts';
import { concurrently } from './concurrently.ts';
import { CallError, isRepeatable, ProblemError } from './errors.ts';
import type { Image } from './image.ts';
import { Inbox } from './inbox.ts';
import { outcomeError } from './outcome-error.ts';
import type { SubmitOptions } from './submit.ts';
import type { BatchProgress, Classification, Succeeded } from './wire.ts';

/** What became of one image. */
export type Outcome<I extends Image = Image> = { index: number; image: I } & (
  | { kind: 'classified'; classification: Succeeded }
  /** A ProblemError, or the error with which the image could not be read. */
  | { kind: 'failed'; error: Error }
);

export type ManyEvent =
  | { kind: 'accepted'; index: number; id: string }
  | { kind: 'progress'; progress: BatchProgress }
  | ({ kind: 'retry' } & Retry);

export interface ClassifyManyOptions extends Omit<SubmitOptions, 'onRetry'> {
  /** How many images are uploaded at the same time. Default: 6, as many connections as a browser opens. */
  concurrency?: number | undefined;
  onEvent?: ((event: ManyEvent) => void) | undefined;
}

const CONCURRENCY = 6;
/** The most that a batch holds. */
const MAX_GATHERED = 100;
/** Requests are gathered at least this often while uploads go on. */
const GATHER_EVERY_MS = 1_000;

/**
 * Uploads all images without waiting for their results, so that the fleet sees the whole load, and yields each outcome
 * when it is known. The requests are gathered into batches, and one stream of events at a time is followed.
 * @throws what makes the rest impossible: no answer for too long, a wrong API key, the signal's reason
 */
export async function* classifyMany<I extends Image>(
  client: Client,
  images: Iterable<I> | AsyncIterable<I>,
  { signal, ...options }: ClassifyManyOptions,
  clock: Clock,
): AsyncGenerator<Outcome<I>, void> {
  const ending = new AbortController();
  const ended = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  const run = new Run<I>(client, { ...options, signal: ended }, clock);
  const parts = [run.uploadAll(images), run.followAll()].map((part) =>
    part.catch((error: unknown) => {
      ending.abort(error);
      throw error;
    }),
  );
  const end = Promise.all(parts).finally(() => run.outcomes.close());
  // Awaited below, after the outcomes that came before it failed.
  end.catch(() => undefined);
  try {
    yield* run.outcomes;
    await end;
  } finally {
    ending.abort();
  }
}

class Run<I extends Image> {
  readonly outcomes = new Inbox<Outcome<I>>();
  readonly #client: Client;
  readonly #options: ClassifyManyOptions & { signal: AbortSignal };
  readonly #clock: Clock;
  readonly #images: I[] = [];
  /** Requests that are not followed yet, with the index of their image. */
  readonly #accepted = new Inbox<[id: string, index: number]>();

  constructor(
    client: Client,
    options: ClassifyManyOptions & { signal: AbortSignal },
    clock: Clock,
  ) {
    this.#client = client;
    this.#options = options;
    this.#clock = clock;
  }

  async uploadAll(images: Iterable<I> | AsyncIterable<I>): Promise<void> {
    await concurrently(images, this.#concurrency, (image, index) => this.#upload(image, index));
    this.#accepted.close();
  }

  async followAll(): Promise<void> {
    const { signal } = this.#options;
    for (;;) {
      await this.#accepted.holds(1, signal);
      const waited = new AbortController();
      await Promise.race([
        this.#accepted.holds(MAX_GATHERED, waited.signal),
        this.#clock.sleep(GATHER_EVERY_MS, signal),
      ]);
      // Otherwise every group would leave a wait behind, which each later image wakes.
      waited.abort();
      const group = this.#accepted.take(MAX_GATHERED);
      if (group.length === 0) return;
      await this.#follow(new Map(group));
    }
  }

  async #upload(image: I, index: number): Promise<void> {
    this.#images[index] = image;
    await this.#orTell(index, async () => {
      const classification = await this.#client.submit(image, { ...this.#options, ...this.#call });
      const { id } = classification;
      this.#options.onEvent?.({ kind: 'accepted', index, id });
      if (classification.status === 'queued') this.#accepted.put([id, index]);
      this.#tell(index, classification);
    });
  }

  /** Tells the outcomes of requests as their batch brings them. */
  async #follow(left: Map<string, number>): Promise<void> {
    const batchId = await this.#gather([...left.keys()]);
    const events = batchId === undefined ? [] : this.#client.follow(batchId, this.#call);
    for await (const event of events) {
      if (event.kind === 'progress') this.#options.onEvent?.(event);
      if (event.kind !== 'completed' || event.item.id === undefined) continue;
      const index = left.get(event.item.id);
      if (index !== undefined) this.#tell(index, event.item);
      left.delete(event.item.id);
    }
    await concurrently(left, this.#concurrency, ([id, index]) =>
      this.#orTell(index, async () => {
        for await (const classification of this.#client.watch(id, this.#call))
          this.#tell(index, classification);
      }),
    );
  }

  /** @returns the id of a batch; undefined if the gateway knows no batches */
  async #gather(ids: string[]): Promise<string | undefined> {
    try {
      return (await this.#client.gather(ids, this.#call)).id;
    } catch (error) {
      if (error instanceof ProblemError && [404, 405].includes(error.status)) return undefined;
      throw error;
    }
  }

  #tell(index: number, result: Classification): void {
    if (result.status === 'queued') return;
    const image = this.#images[index] as I;
    this.outcomes.put(
      result.status === 'succeeded'
        ? { kind: 'classified', index, image, classification: result }
        : { kind: 'failed', index, image, error: outcomeError(result) },
    );
  }

  /** Makes an error that concerns this image alone its outcome. */
  async #orTell(index: number, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (!(error instanceof Error) || endsAll(error)) throw error;
      this.outcomes.put({ kind: 'failed', index, image: this.#images[index] as I, error });
    }
  }

  get #concurrency(): number {
    return this.#options.concurrency ?? CONCURRENCY;
  }

  get #call() {
    const { signal, onEvent } = this.#options;
    return { signal, onRetry: (retry: Retry) => onEvent?.({ kind: 'retry', ...retry }) };
  }
}

/** Whether every further image would meet this error, too. */
const endsAll = (error: Error): boolean =>
  error instanceof CallError &&
  (!(error instanceof ProblemError) || isRepeatable(error) || error.code === 'unauthorized');
