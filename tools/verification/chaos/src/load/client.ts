import type { Random } from '@labelfleet/testkit/random';
import { setTimeout as delay } from 'node:timers/promises';
import type { History } from '../history/history.ts';
import { readAnswer, type Told } from '../history/read-answer.ts';

/** How long a caller waits on the line before it is told where to look. */
const WAIT_SECONDS = 15;
/** A gateway that takes longer than it was asked to wait is given up. */
const GIVE_UP_MS = 30_000;
const AFTER_BREAK_MS = 200;
const WHEN_FULL_MS = 700;
/** So many offers are made at both gateways at the same time. */
const TWICE_AT_ONCE = 0.1;

export interface Offer {
  name: string;
  /** File name of the image. */
  image: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A caller that does not give up: it sends its image with a key of its own, again whenever the connection
 * breaks or there is no room, to the one gateway or the other. Once it has been told that its request is
 * accepted it only asks for the result: a repeat would send what was lost again, and hide the loss.
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
   * Some callers are two: a client and its retry, which have their answers from the two gateways.
   * @returns whether there was an answer before the signal ended it
   */
  async settle(offer: Offer, signal: AbortSignal): Promise<boolean> {
    this.#history.note({ kind: 'offered', offer: offer.name, image: offer.image });
    const gateway = this.#random.below(this.#urls.size);
    const callers = this.#random.chance(TWICE_AT_ONCE) ? [gateway, gateway + 1] : [gateway];
    const answered = callers.map((first) => this.#insist(offer, first, signal));
    return (await Promise.all(answered)).every(Boolean);
  }

  async #insist(offer: Offer, firstGateway: number, signal: AbortSignal): Promise<boolean> {
    let requestId: string | undefined;
    let gateway = firstGateway;
    while (!signal.aborted) {
      const told =
        requestId === undefined
          ? await this.#send(offer, gateway, signal)
          : await this.#ask(offer.name, requestId, WAIT_SECONDS, gateway, signal);
      if (told?.kind === 'settled' || told?.kind === 'problem') return true;
      if (told?.kind === 'queued') requestId = told.requestId;
      if (told?.kind !== 'queued') gateway += 1;
      await delay(pauseAfter(told), undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  /** Asks once what has become of a request. */
  async askOnce(offer: string, requestId: string, signal: AbortSignal): Promise<Told | undefined> {
    return this.#ask(offer, requestId, 0, this.#random.below(this.#urls.size), signal);
  }

  #send({ name, bytes }: Offer, gateway: number, signal: AbortSignal) {
    const form = new FormData();
    form.append('myfile', new Blob([bytes]), name);
    // Some hang on for their label, some come back for it.
    const prefer = this.#random.chance(0.3) ? 'respond-async' : `wait=${WAIT_SECONDS}`;
    return this.#exchange('post', name, gateway, signal, (url, ended) =>
      fetch(`${url}/v1/classifications`, {
        method: 'POST',
        headers: { 'idempotency-key': name, prefer },
        body: form,
        signal: ended,
      }),
    );
  }

  #ask(
    offer: string,
    requestId: string,
    waitSeconds: number,
    gateway: number,
    signal: AbortSignal,
  ) {
    return this.#exchange('get', offer, gateway, signal, (url, ended) =>
      fetch(`${url}/v1/classifications/${requestId}`, {
        headers: waitSeconds === 0 ? {} : { prefer: `wait=${waitSeconds}` },
        signal: ended,
      }),
    );
  }

  /** Undefined: no answer. */
  async #exchange(
    how: 'post' | 'get',
    offer: string,
    gateway: number,
    signal: AbortSignal,
    call: (url: string, signal: AbortSignal) => Promise<Response>,
  ): Promise<Told | undefined> {
    const all = [...this.#urls];
    const [via, url] = all[gateway % all.length] ?? ['', ''];
    try {
      const response = await call(url, AbortSignal.any([signal, AbortSignal.timeout(GIVE_UP_MS)]));
      const { status } = response;
      const body = parse(await response.text());
      this.#history.note({ kind: 'answered', offer, via, how, status, body });
      return readAnswer(status, body);
    } catch (error) {
      const reason = whyBroken(error);
      this.#history.note({ kind: 'broken', offer, via, how, reason });
      return undefined;
    }
  }
}

function pauseAfter(told: Told | undefined): number {
  if (told === undefined) return AFTER_BREAK_MS;
  return told.kind === 'queued' ? 0 : WHEN_FULL_MS;
}

/** `fetch` puts what went wrong with the connection into the cause of its error. */
function whyBroken(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** What is no JSON is kept as text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
