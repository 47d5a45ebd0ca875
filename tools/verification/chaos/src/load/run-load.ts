import { sleep } from '@labelfleet/runtime';
import { POISON_NAME } from '../plan/poison.ts';
import type { Client } from './client.ts';
import { imageOf, type ChaosImage } from './images.ts';

export interface LoadOptions {
  client: Pick<Client, 'classify'>;
  images: readonly ChaosImage[];
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

/**
 * Sends images at a steady pace, without waiting for answers.
 * @param ended stops the load
 * @returns when all are sent; `answers` resolves when every client has its answer or was ended by `giveUp`
 */
export async function runLoad(
  { client, images, requests, everyMs, wantsMore, giveUp }: LoadOptions,
  ended: AbortSignal,
): Promise<{ answers: Promise<unknown> }> {
  const beganAt = performance.now();
  const answers: Promise<boolean>[] = [];
  while (!ended.aborted && (answers.length < requests || wantsMore())) {
    const { name: image, bytes, expected } = imageOf(answers.length, images);
    const name = offerName(answers.length + 1, expected);
    answers.push(client.classify({ name, image, bytes }, giveUp));
    const extra = Math.max(0, answers.length - requests);
    const paced = answers.length + (MORE_PACE - 1) * extra;
    const waitMs = beganAt + offerAtMs(paced, everyMs) - performance.now();
    await sleep(Math.max(0, waitMs), ended);
  }
  return { answers: Promise.all(answers) };
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
