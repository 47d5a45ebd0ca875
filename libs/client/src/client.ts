import { callsOf, type CallOptions } from './call.ts';
import { classifyMany, type ClassifyManyOptions, type Outcome } from './classify-many.ts';
import { systemClock, type Clock } from './clock.ts';
import { followBatch, type FollowEvent } from './follow-batch.ts';
import type { FollowOptions } from './follow.ts';
import { randomKey, type Image } from './image.ts';
import { outcomeError } from './outcome-error.ts';
import { submit, type SubmitOptions } from './submit.ts';
import { targetOf, type ClientOptions } from './target.ts';
import { poll, WAIT_SECONDS } from './wait.ts';
import type { Batch, Classification, Completed, Fleet, Models, Succeeded } from './wire.ts';

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

export function createClient(options: ClientOptions, clock: Clock = systemClock): Client {
  const target = targetOf(options, clock);
  const { get, post } = callsOf(target);

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
