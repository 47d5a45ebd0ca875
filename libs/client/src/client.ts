import { call, type CallOptions, type Request, type Target } from './call.ts';
import { classifyMany, type ClassifyManyOptions, type Outcome } from './classify-many.ts';
import { systemClock, type Clock } from './clock.ts';
import { followBatch, type FollowEvent, type FollowOptions } from './follow-batch.ts';
import { randomKey, type Image } from './image.ts';
import { outcomeError } from './outcome-error.ts';
import { submit, type SubmitOptions } from './submit.ts';
import { poll, WAIT_SECONDS } from './wait.ts';
import type { Batch, Classification, Completed, Fleet, Models, Succeeded } from './wire.ts';

export interface ClientOptions {
  /** Where the gateway is: `https://labels.example/`, also below a path. */
  url: string | URL;
  apiKey?: string | undefined;
  fetch?: typeof fetch | undefined;
  /** How long a call may fail before it is given up. Default: 5 minutes. */
  giveUpAfterMs?: number | undefined;
}

/** Calls labelfleet. Every call is repeated when the connection breaks or labelfleet asks for it. */
export interface Client {
  /** Waits for the label. @throws ProblemError if there is none */
  classify(image: Image, options?: SubmitOptions): Promise<Succeeded>;
  /** Uploads all images and yields each outcome when it is known. Leaving the loop ends it. */
  classifyMany<I extends Image>(
    images: Iterable<I> | AsyncIterable<I>,
    options?: ClassifyManyOptions,
  ): AsyncGenerator<Outcome<I>, void>;
  /** Sends an image without waiting for its result. */
  submit(image: Image, options?: SubmitOptions): Promise<Classification>;
  /** The state of a request. */
  read(id: string, options?: CallOptions): Promise<Classification>;
  /** The states of a request until it is completed. */
  watch(id: string, options?: CallOptions): AsyncGenerator<Classification, void>;
  /** Waits for the label of a request. @throws ProblemError if there is none */
  waitFor(id: string, options?: CallOptions): Promise<Succeeded>;
  /** Cancels a request, unless it has a result: then this is returned. */
  cancel(id: string, options?: CallOptions): Promise<Completed>;
  /** Makes a batch of up to 100 requests, to follow them together. */
  gather(ids: readonly string[], options?: CallOptions): Promise<Batch>;
  readBatch(id: string, options?: CallOptions): Promise<Batch>;
  /** Tells how a batch goes on until it is done. */
  follow(batchId: string, options?: FollowOptions): AsyncGenerator<FollowEvent, void>;
  fleet(options?: CallOptions): Promise<Fleet>;
  models(options?: CallOptions): Promise<Models>;
}

const GIVE_UP_AFTER_MS = 300_000;
const TIMEOUT_MS = 30_000;

export function createClient(
  { url, apiKey, fetch: given, giveUpAfterMs = GIVE_UP_AFTER_MS }: ClientOptions,
  clock: Clock = systemClock,
): Client {
  const target: Target = {
    baseUrl: new URL(String(url).replace(/\/?([?#].*)?$/, '/')),
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    // A browser's fetch must not be called as a method of another object.
    fetch: given ?? ((...args) => fetch(...args)),
    giveUpAfterMs,
    clock,
  };
  const get = <T>(path: string, options?: CallOptions) =>
    call<T>(target, { method: 'GET', path, timeoutMs: TIMEOUT_MS }, options);
  const post = <T>(path: string, more: Partial<Request>, options?: CallOptions) =>
    call<T>(target, { method: 'POST', path, timeoutMs: TIMEOUT_MS, ...more }, options);

  const client: Client = {
    async classify(image, options) {
      const classification = await submit(target, image, WAIT_SECONDS, options);
      return classification.status === 'queued'
        ? await client.waitFor(classification.id, options)
        : succeeded(classification);
    },
    classifyMany: (images, options = {}) => classifyMany(client, images, options, clock),
    submit: (image, options) => submit(target, image, 0, options),
    read: (id, options) => get(`v1/classifications/${id}`, options),
    watch: (id, options) =>
      poll<Classification>(
        target,
        `v1/classifications/${id}`,
        ({ status }) => status !== 'queued',
        options,
      ),
    async waitFor(id, options) {
      for await (const classification of client.watch(id, options))
        if (classification.status !== 'queued') return succeeded(classification);
      throw new Error('unreachable: a request is watched until it is completed');
    },
    cancel: (id, options) => post(`v1/classifications/${id}/cancel`, {}, options),
    gather: (classifications, options) =>
      post(
        'v1/batches',
        {
          body: JSON.stringify({ classifications }),
          headers: {
            'content-type': 'application/json',
            'idempotency-key': randomKey(),
            prefer: 'respond-async',
          },
        },
        options,
      ),
    readBatch: (id, options) => get(`v1/batches/${id}`, options),
    follow: (id, options) => followBatch(target, id, options),
    fleet: (options) => get('v1/fleet', options),
    models: (options) => get('v1/models', options),
  };
  return client;
}

function succeeded(result: Completed): Succeeded {
  if (result.status === 'succeeded') return result;
  throw outcomeError(result);
}
