import { callsOf, type CallOptions } from './call.ts';
import { createCalls, type Calls } from './calls.ts';
import { classifyMany, type ClassifyManyOptions, type Outcome } from './classify-many.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Image } from './image.ts';
import { outcomeError } from './outcome-error.ts';
import { submit, type SubmitOptions } from './submit.ts';
import { targetOf, type ClientOptions } from './target.ts';
import { poll, WAIT_SECONDS } from './wait.ts';
import type { Classification, Completed, Succeeded } from './wire.ts';

/** Calls labelfleet. Every call is repeated when the connection breaks or labelfleet asks for it. */
export interface Client extends Calls {
  /** Waits for the label. @throws ProblemError if there is none */
  classify(image: Image, options?: SubmitOptions): Promise<Succeeded>;
  /** Uploads all images and yields each outcome when it is known. Leaving the loop ends it. */
  classifyMany<I extends Image>(
    images: Iterable<I> | AsyncIterable<I>,
    options?: ClassifyManyOptions,
  ): AsyncGenerator<Outcome<I>, void>;
  /** The state of a request. */
  read(id: string, options?: CallOptions): Promise<Classification>;
  /** Cancels a request, unless it has a result: then this is returned. */
  cancel(id: string, options?: CallOptions): Promise<Completed>;
  /** The states of a request until it is completed. */
  watch(id: string, options?: CallOptions): AsyncGenerator<Classification, void>;
  /** Waits for the label of a request. @throws ProblemError if there is none */
  waitFor(id: string, options?: CallOptions): Promise<Succeeded>;
}

export function createClient(options: ClientOptions, clock: Clock = systemClock): Client {
  const target = targetOf(options, clock);
  const { get, post } = callsOf(target);
  const client: Client = {
    ...createCalls(options, clock),
    async classify(image, options) {
      const classification = await submit(target, image, WAIT_SECONDS, options);
      return classification.status === 'queued'
        ? await client.waitFor(classification.id, options)
        : succeeded(classification);
    },
    classifyMany: (images, options = {}) => classifyMany(client, images, options, clock),
    read: (id, options) => get(`v1/classifications/${id}`, options),
    cancel: (id, options) => post(`v1/classifications/${id}/cancel`, {}, options),
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
  };
  return client;
}

function succeeded(result: Completed): Succeeded {
  if (result.status === 'succeeded') return result;
  throw outcomeError(result);
}
