import { sleep } from '@labelfleet/runtime';
import type { Random } from '@labelfleet/testkit/random';
import { POISON_NAME } from '../plan/poison.ts';
import type { BatchClient } from './batch-client.ts';
import { PRESS, SHOP } from './callers.ts';
import type { Client, Offer } from './client.ts';
import { badImages, imageOf, type ChaosImage } from './images.ts';
import type { Known } from './known.ts';

export interface LoadOptions {
  client: Pick<Client, 'classify'>;
  batches: Pick<BatchClient, 'send' | 'gather'>;
  known: Pick<Known, 'requestsOf'>;
  images: readonly ChaosImage[];
  random: Random;
  requests: number;
  /** Time between two offers. */
  everyMs: number;
  /** True while a lighter load has to go on after all requests. */
  wantsMore: () => boolean;
  /** Ends the clients that have no answer yet. */
  giveUp: AbortSignal;
}

/** The factor between the times of two offers in the lighter load. */
const MORE_PACE = 4;

/** The shares of turns in which a form is sent, or requests are gathered, and not a single image. */
const FORM_SHARE = 0.08;
const GATHER_SHARE = 0.06;
const MAX_FORM_IMAGES = 6;
const MAX_GATHERED = 8;
/** The shares of a form's images that are bad, and of forms that have no other images. */
const BAD_SHARE = 0.2;
const ALL_BAD_SHARE = 0.15;
const NOTIFY_SHARE = 0.3;
const CANCEL_SHARE = 0.12;
const FOLLOW_SHARE = 0.1;

/**
 * Sends images at a steady pace, alone and in batches, without waiting for answers.
 * @param ended stops the load
 * @returns when all are sent; `answers` resolves when every client has its answer or was ended by `giveUp`
 */
export async function runLoad(
  options: LoadOptions,
  ended: AbortSignal,
): Promise<{ answers: Promise<unknown> }> {
  const { requests, everyMs, wantsMore } = options;
  const beganAt = performance.now();
  const answers: Promise<boolean>[] = [];
  const mix = new Mix(options);
  while (!ended.aborted && (mix.sent < requests || wantsMore())) {
    answers.push(...mix.next());
    const extra = Math.max(0, mix.sent - requests);
    const paced = mix.sent + (MORE_PACE - 1) * extra;
    const waitMs = beganAt + offerAtMs(paced, everyMs) - performance.now();
    await sleep(Math.max(0, waitMs), ended);
  }
  return { answers: Promise.all(answers) };
}

type MixOptions = Omit<LoadOptions, 'requests' | 'everyMs' | 'wantsMore'>;

/** Single images, forms and gathered requests of two callers. */
class Mix {
  readonly #options: MixOptions;
  #sent = 0;
  #batches = 0;

  constructor(options: MixOptions) {
    this.#options = options;
  }

  /** Images so far. */
  get sent(): number {
    return this.#sent;
  }

  next(): Promise<boolean>[] {
    const { random, client, giveUp } = this.#options;
    const caller = random.chance(0.5) ? SHOP : PRESS;
    const turn = random.next();
    if (turn < FORM_SHARE) return [this.#form(caller)];
    if (turn < FORM_SHARE + GATHER_SHARE) return this.#gather(caller);
    const notify = random.chance(NOTIFY_SHARE);
    const offer = { ...this.#image(false), caller, notify, then: this.#then() };
    return [client.classify(offer, giveUp)];
  }

  #then(): Offer['then'] {
    const share = this.#options.random.next();
    if (share < CANCEL_SHARE) return 'cancel';
    return share < CANCEL_SHARE + FOLLOW_SHARE ? 'follow' : 'wait';
  }

  #form(caller: Offer['caller']): Promise<boolean> {
    const { random, batches, giveUp } = this.#options;
    const count = 1 + random.below(MAX_FORM_IMAGES);
    const badShare = random.chance(ALL_BAD_SHARE) ? 1 : BAD_SHARE;
    const offers = Array.from({ length: count }, () => this.#image(random.chance(badShare)));
    const notify = random.chance(NOTIFY_SHARE);
    return batches.send({ name: this.#batchName(), offers, caller, notify }, giveUp);
  }

  #gather(caller: Offer['caller']): Promise<boolean>[] {
    const { known, batches, giveUp } = this.#options;
    const requests = known.requestsOf(caller).slice(-MAX_GATHERED);
    if (requests.length === 0) return [];
    return [batches.gather(this.#batchName(), requests, caller, giveUp)];
  }

  #batchName = () => `batch-${String(++this.#batches).padStart(4, '0')}`;

  #image(isBad: boolean): Pick<Offer, 'name' | 'image' | 'bytes'> {
    const { images, random } = this.#options;
    const {
      name: image,
      bytes,
      expected,
    } = isBad ? random.pick(badImages(images)) : imageOf(this.#sent, images);
    this.#sent += 1;
    return { name: offerName(this.#sent, expected), image, bytes };
  }
}

/** One good image in so many, from the first one, kills every worker that classifies it. */
const POISON_EVERY = 200;
const FIRST_POISON = 70;

function offerName(offer: number, expected: ChaosImage['expected']): string {
  const poisonous = offer % POISON_EVERY === FIRST_POISON && expected.kind === 'classified';
  return `${poisonous ? POISON_NAME : 'offer-'}${String(offer).padStart(5, '0')}`;
}

/** The load comes in waves with pauses, so that the scaler releases workers. */
const WAVE_MS = 20_000;
const REST_SHARE = 0.4;

/** The time of the nth offer: steady within each wave, with as many offers in each wave. */
export function offerAtMs(offer: number, everyMs: number): number {
  const steadyMs = offer * everyMs;
  const inWaveMs = steadyMs % WAVE_MS;
  return steadyMs - inWaveMs + inWaveMs * (1 - REST_SHARE);
}
