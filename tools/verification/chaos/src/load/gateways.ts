import type { Random } from '@labelfleet/testkit/random';
import type { How } from '../history/event.ts';
import type { History } from '../history/history.ts';
import type { Credentials } from './callers.ts';

/** Timeout of a call, longer than its wait. */
const CALL_TIMEOUT_MS = 30_000;

export interface Call {
  /** The offer, batch or reader of the call. */
  offer: string;
  how: How;
  /** The number of a gateway; numbers beyond the last one begin again. */
  gateway: number;
  path: string;
  caller: Credentials | undefined;
  headers?: Record<string, string>;
  /** Sent by POST. */
  body?: FormData | string;
}

export interface Answered {
  via: string;
  status: number;
  text: string;
}

/** The gateways, called by number so that a repeat reaches another one. Notes broken connections. */
export class Gateways {
  readonly #all: readonly (readonly [name: string, url: string])[];
  readonly #history: Pick<History, 'note'>;
  readonly #random: Random;

  /** @param urls of the gateways, by name */
  constructor(urls: ReadonlyMap<string, string>, history: Pick<History, 'note'>, random: Random) {
    this.#all = [...urls];
    this.#history = history;
    this.#random = random;
  }

  any(): number {
    return this.#random.below(this.#all.length);
  }

  /** Undefined: the connection broke. */
  async call(call: Call, signal: AbortSignal): Promise<Answered | undefined> {
    return this.open(call, limited(signal), async (response, via) => ({
      via,
      status: response.status,
      text: await response.text(),
    }));
  }

  /** @param read rejects when the connection breaks. @returns undefined if it broke */
  async open<T>(
    { offer, how, gateway, path, caller, headers = {}, body }: Call,
    signal: AbortSignal,
    read: (response: Response, via: string) => Promise<T>,
  ): Promise<T | undefined> {
    const [via, url] = this.#all[gateway % this.#all.length] ?? ['', ''];
    try {
      const isPost = how === 'post' || how === 'cancel';
      const response = await fetch(`${url}${path}`, {
        method: isPost ? 'POST' : 'GET',
        headers: { ...caller?.headers, ...headers },
        ...(body !== undefined && { body }),
        signal,
      });
      return await read(response, via);
    } catch (error) {
      this.#history.note({ kind: 'broken', offer, via, how, reason: whyBroken(error) });
      return undefined;
    }
  }
}

const limited = (signal: AbortSignal) =>
  AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);

/** `fetch` rejects with an error whose cause is the connection's error. */
function whyBroken(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
