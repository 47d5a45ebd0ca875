import { sleep } from '@labelfleet/runtime';
import { jsonOrUndefined } from '@labelfleet/testkit/json';
import type { Random } from '@labelfleet/testkit/random';
import type { History } from '../history/history.ts';
import { readAnswer, type Answer } from '../history/read-answer.ts';

/** How long a call waits for its result. */
const WAIT_SECONDS = 15;
/** Timeout of a call, longer than its wait. */
const CALL_TIMEOUT_MS = 30_000;
const AFTER_BREAK_MS = 200;
const AFTER_REFUSAL_MS = 700;
/** The share of offers that are sent to both gateways at once. */
const SENT_TWICE_SHARE = 0.1;

export interface Offer {
  name: string;
  /** File name of the image. */
  image: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A client that sends its image with an idempotency key to alternating gateways until one accepts it, through
 * broken connections and refusals. After a 202 it only reads the result: a repeat would send a lost message
 * again, and hide the loss.
 */
export class Client {
  readonly #urls: ReadonlyMap<string, string>;
  readonly #history: Pick<History, 'note'>;
  readonly #random: Random;

  /** @param urls of the gateways, by name */
  constructor(urls: ReadonlyMap<string, string>, history: Pick<History, 'note'>, random: Random) {
    this.#urls = urls;
    this.#history = history;
    this.#random = random;
  }

  /**
   * Sends some offers twice, as a client and its retry that reach different gateways.
   * @returns true if all got an answer before the signal
   */
  async classify(offer: Offer, signal: AbortSignal): Promise<boolean> {
    this.#history.note({ kind: 'offered', offer: offer.name, image: offer.image });
    const gateway = this.#random.below(this.#urls.size);
    const callers = this.#random.chance(SENT_TWICE_SHARE) ? [gateway, gateway + 1] : [gateway];
    const answered = callers.map((first) => this.#repeat(offer, first, signal));
    return (await Promise.all(answered)).every(Boolean);
  }

  async #repeat(offer: Offer, firstGateway: number, signal: AbortSignal): Promise<boolean> {
    let requestId: string | undefined;
    let gateway = firstGateway;
    while (!signal.aborted) {
      const answer =
        requestId === undefined
          ? await this.#send(offer, gateway, signal)
          : await this.#ask(offer.name, requestId, WAIT_SECONDS, gateway, signal);
      if (answer?.kind === 'completed' || answer?.kind === 'problem') return true;
      if (answer?.kind === 'queued') requestId = answer.requestId;
      if (answer?.kind !== 'queued') gateway += 1;
      await sleep(pauseAfter(answer), signal);
    }
    return false;
  }

  /** Reads a request once. */
  async askOnce(
    offer: string,
    requestId: string,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    return this.#ask(offer, requestId, 0, this.#random.below(this.#urls.size), signal);
  }

  #send({ name, bytes }: Offer, gateway: number, signal: AbortSignal) {
    const body = new FormData();
    body.append('myfile', new Blob([bytes]), name);
    // Three in ten poll for the result instead of waiting for it.
    const prefer = this.#random.chance(0.3) ? 'respond-async' : `wait=${WAIT_SECONDS}`;
    const headers = { 'idempotency-key': name, prefer };
    return this.#call(name, gateway, '', { method: 'POST', headers, body }, signal);
  }

  #ask(offer: string, id: string, waitSeconds: number, gateway: number, signal: AbortSignal) {
    const headers = waitSeconds === 0 ? {} : { prefer: `wait=${waitSeconds}` };
    return this.#call(offer, gateway, `/${id}`, { headers }, signal);
  }

  /** Undefined: the connection broke. */
  async #call(
    offer: string,
    gateway: number,
    path: string,
    request: RequestInit,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const all = [...this.#urls];
    const [via, url] = all[gateway % all.length] ?? ['', ''];
    const exchange = { offer, via, how: request.method === 'POST' ? 'post' : 'get' } as const;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
    try {
      const response = await fetch(`${url}/v1/classifications${path}`, {
        ...request,
        signal: limited,
      });
      const { status } = response;
      const text = await response.text();
      const body = jsonOrUndefined(text) ?? text;
      this.#history.note({ kind: 'answered', ...exchange, status, body });
      return readAnswer(status, body);
    } catch (error) {
      this.#history.note({ kind: 'broken', ...exchange, reason: whyBroken(error) });
      return undefined;
    }
  }
}

function pauseAfter(answer: Answer | undefined): number {
  if (answer === undefined) return AFTER_BREAK_MS;
  return answer.kind === 'queued' ? 0 : AFTER_REFUSAL_MS;
}

/** `fetch` rejects with an error whose cause is the connection's error. */
function whyBroken(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
