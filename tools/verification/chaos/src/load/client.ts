import { sleep } from '@labelfleet/runtime';
import { jsonOrUndefined } from '@labelfleet/testkit/json';
import type { Random } from '@labelfleet/testkit/random';
import type { History } from '../history/history.ts';
import { readAnswer, type Answer } from '../history/read-answer.ts';
import type { Credentials } from './callers.ts';
import type { EventReader } from './event-reader.ts';
import type { Call, Gateways } from './gateways.ts';
import type { Known } from './known.ts';
import { Pauses, WAIT_SECONDS } from './pauses.ts';
import { RECEIVER } from './receiver.ts';

/** The share of offers that are sent to both gateways at once. */
const SENT_TWICE_SHARE = 0.1;

export interface Offer {
  name: string;
  /** File name of the image. */
  image: string;
  bytes: Uint8Array<ArrayBuffer>;
  caller: Credentials;
  notify: boolean;
  /** What the client does with the request while it is queued. */
  then: 'cancel' | 'follow' | 'wait';
}

export interface ClientDeps {
  gateways: Gateways;
  history: Pick<History, 'note'>;
  known: Known;
  reader: Pick<EventReader, 'read'>;
  random: Random;
}

/**
 * A client that sends its image with an idempotency key to alternating gateways until one accepts it, through
 * broken connections and refusals. After a 202 it only reads the result: a repeat would send a lost message
 * again, and hide the loss.
 */
export class Client {
  readonly #deps: ClientDeps;

  constructor(deps: ClientDeps) {
    this.#deps = deps;
  }

  /**
   * Sends some offers twice, as a client and its retry that reach different gateways.
   * @returns true if all got an answer before the signal
   */
  async classify(offer: Offer, signal: AbortSignal): Promise<boolean> {
    const { name, image, caller, notify } = offer;
    const { history, random, gateways } = this.#deps;
    history.note({ kind: 'offered', offer: name, image, caller: caller.caller, notify });
    const gateway = gateways.any();
    const callers = random.chance(SENT_TWICE_SHARE) ? [gateway, gateway + 1] : [gateway];
    const answered = callers.map((first) => this.#repeat(offer, first, signal));
    return (await Promise.all(answered)).every(Boolean);
  }

  async #repeat(offer: Offer, firstGateway: number, signal: AbortSignal): Promise<boolean> {
    const { known, history } = this.#deps;
    let requestId: string | undefined;
    let gateway = firstGateway;
    const pauses = new Pauses();
    while (!signal.aborted) {
      const answer = await (requestId === undefined
        ? this.#send(offer, gateway, signal)
        : offer.then === 'cancel'
          ? this.#cancel(offer, requestId, gateway, signal)
          : this.#ask(offer, requestId, WAIT_SECONDS, gateway, signal));
      if (answer?.kind === 'completed')
        known.request(offer.caller, { offer: offer.name, requestId: answer.result.id });
      if (answer?.kind === 'completed' || answer?.kind === 'problem') return true;
      if (answer?.kind === 'queued' && requestId === undefined) {
        ({ requestId } = answer);
        known.request(offer.caller, { offer: offer.name, requestId });
        if (offer.then === 'cancel')
          history.note({ kind: 'canceling', offer: offer.name, requestId });
        if (offer.then === 'follow') await this.#follow(offer, requestId, signal);
      }
      if (answer?.kind !== 'queued') gateway += 1;
      await sleep(
        pauses.after(answer && (answer.kind === 'queued' ? 'served' : 'refused')),
        signal,
      );
    }
    return false;
  }

  /** Reads a request once. */
  async askOnce(
    offer: Pick<Offer, 'name' | 'caller'>,
    requestId: string,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    return this.#ask(offer, requestId, 0, this.#deps.gateways.any(), signal);
  }

  #follow({ name, caller }: Offer, requestId: string, signal: AbortSignal) {
    const path = `/v1/classifications/${requestId}/events`;
    return this.#deps.reader.read({ of: name, path, caller }, signal);
  }

  #send({ name, bytes, caller, notify, then }: Offer, gateway: number, signal: AbortSignal) {
    const body = new FormData();
    body.append('myfile', new Blob([bytes]), name);
    // Three in ten poll for the result instead of waiting for it.
    const leaves = then !== 'wait' || this.#deps.random.chance(0.3);
    const headers = {
      'idempotency-key': name,
      prefer: leaves ? 'respond-async' : `wait=${WAIT_SECONDS}`,
      ...(notify && { notify: RECEIVER }),
    };
    const path = '/v1/classifications';
    return this.#call({ offer: name, how: 'post', gateway, path, caller, headers, body }, signal);
  }

  #ask(
    { name, caller }: Pick<Offer, 'name' | 'caller'>,
    id: string,
    waitSeconds: number,
    gateway: number,
    signal: AbortSignal,
  ) {
    const headers: Record<string, string> =
      waitSeconds === 0 ? {} : { prefer: `wait=${waitSeconds}` };
    const path = `/v1/classifications/${id}`;
    return this.#call({ offer: name, how: 'get', gateway, path, caller, headers }, signal);
  }

  #cancel({ name, caller }: Offer, id: string, gateway: number, signal: AbortSignal) {
    const path = `/v1/classifications/${id}/cancel`;
    return this.#call({ offer: name, how: 'cancel', gateway, path, caller }, signal);
  }

  /** Undefined: the connection broke. */
  async #call(call: Call, signal: AbortSignal): Promise<Answer | undefined> {
    const answered = await this.#deps.gateways.call(call, signal);
    if (answered === undefined) return undefined;
    const { via, status, text } = answered;
    const { offer, how } = call;
    const body = jsonOrUndefined(text) ?? text;
    this.#deps.history.note({ kind: 'answered', offer, via, how, status, body });
    return readAnswer(status, body);
  }
}
