import { callsOf, type CallOptions } from './call.ts';
import { systemClock, type Clock } from './clock.ts';
import { followBatch, type FollowEvent } from './follow-batch.ts';
import type { FollowOptions } from './follow.ts';
import { randomKey, type Image } from './image.ts';
import { submit, type SubmitOptions } from './submit.ts';
import { targetOf, type ClientOptions } from './target.ts';
import type { Batch, Classification, Fleet, Models } from './wire.ts';

/** The calls that send images, gather them in a batch and follow it. */
export interface Calls {
  /** Sends an image without waiting for its result. */
  submit(image: Image, options?: SubmitOptions): Promise<Classification>;
  /** Makes a batch of up to 100 requests, to follow them together. */
  gather(ids: readonly string[], options?: CallOptions): Promise<Batch>;
  readBatch(id: string, options?: CallOptions): Promise<Batch>;
  /** Tells how a batch goes on until it is done. */
  follow(batchId: string, options?: FollowOptions): AsyncGenerator<FollowEvent, void>;
  fleet(options?: CallOptions): Promise<Fleet>;
  models(options?: CallOptions): Promise<Models>;
}

/** A small part of the client, for a page that decides itself what to send when. */
export function createCalls(options: ClientOptions, clock: Clock = systemClock): Calls {
  const target = targetOf(options, clock);
  const { get, post } = callsOf(target);
  return {
    submit: (image, options) => submit(target, image, 0, options),
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
}
