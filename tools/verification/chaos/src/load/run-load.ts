import { setTimeout as delay } from 'node:timers/promises';
import { POISON_NAME } from '../plan/poison.ts';
import type { Client } from './client.ts';
import { imageOf, type ChaosImage } from './images.ts';

export interface LoadOptions {
  client: Pick<Client, 'settle'>;
  images: readonly ChaosImage[];
  requests: number;
  /** Between two offers. */
  everyMs: number;
  /** Whether there is to be more load when all have been offered; it is lighter then. */
  wantsMore: () => boolean;
  /** Ends the waits of callers that have no answer yet. */
  giveUp: AbortSignal;
}

/** So many times as long from one offer to the next, when there is to be more than was asked for. */
const MORE_PACE = 4;

/** Where a load is. */
export interface LoadState {
  offered: number;
  answered: number;
}

/**
 * Offers images at a steady pace, whatever becomes of those before.
 * @param ended ends the offering
 * @returns once all are offered; `answers` resolves when every caller has its answer or has given up
 */
export async function runLoad(
  options: LoadOptions,
  state: LoadState,
  ended: AbortSignal,
): Promise<{ answers: Promise<unknown> }> {
  const { client, images, requests, everyMs, wantsMore, giveUp } = options;
  const beganAt = performance.now();
  const answers: Promise<void>[] = [];
  while (!ended.aborted && (state.offered < requests || wantsMore())) {
    const { name: image, bytes, expected } = imageOf(state.offered, images);
    const name = offerName(++state.offered, expected);
    const settled = client.settle({ name, image, bytes }, giveUp).then((answered) => {
      if (answered) state.answered += 1;
    });
    answers.push(settled);
    const paced =
      Math.min(state.offered, requests) + MORE_PACE * Math.max(0, state.offered - requests);
    const waitMs = beganAt + offerAtMs(paced, everyMs) - performance.now();
    await delay(Math.max(0, waitMs), undefined, { signal: ended }).catch(() => undefined);
  }
  return { answers: Promise.all(answers) };
}

/** One good image in so many kills each worker that takes it, from this one on. */
const POISON_EVERY = 200;
const FIRST_POISON = 70;

function offerName(offer: number, expected: ChaosImage['expected']): string {
  const poisonous = offer % POISON_EVERY === FIRST_POISON && expected.kind === 'classified';
  return `${poisonous ? POISON_NAME : 'offer-'}${String(offer).padStart(5, '0')}`;
}

/** The load comes in waves with a rest between them, so that the fleet has something to give back. */
const WAVE_MS = 20_000;
const REST_SHARE = 0.4;

/** When the nth offer is made: a steady pace within each wave, and the same number in each. */
export function offerAtMs(offer: number, everyMs: number): number {
  const steadyMs = offer * everyMs;
  const inWaveMs = steadyMs % WAVE_MS;
  return steadyMs - inWaveMs + inWaveMs * (1 - REST_SHARE);
}
