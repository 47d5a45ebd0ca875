import { sleep } from '@labelfleet/runtime';
import { jsonOrUndefined } from '@labelfleet/testkit/json';
import { batchViewSchema } from '../history/read-batch.ts';
import { readAnswer } from '../history/read-answer.ts';
import type { Credentials } from './callers.ts';
import type { ClientDeps, Offer } from './client.ts';
import type { Call } from './gateways.ts';
import type { KnownRequest } from './known.ts';
import { Pauses, WAIT_SECONDS } from './pauses.ts';
import { RECEIVER } from './receiver.ts';

/** The shares of forms that are sent to both gateways at once, and whose first upload breaks off. */
const SENT_TWICE_SHARE = 0.15;
const BREAKS_OFF_SHARE = 0.3;
const BREAKS_OFF_WITHIN_MS = 150;
/** The share of batches that a reader follows. */
const FOLLOWED_SHARE = 0.7;

export interface Form {
  name: string;
  offers: readonly Omit<Offer, 'caller' | 'notify' | 'then'>[];
  caller: Credentials;
  notify: boolean;
}

interface Sending {
  name: string;
  /** Of the images, in their order. */
  offers: readonly string[];
  caller: Credentials;
  headers: Record<string, string>;
  body: () => FormData | string;
}

/** A client that sends batches, through broken connections and refusals, until all images are completed. */
export class BatchClient {
  readonly #deps: ClientDeps;

  constructor(deps: ClientDeps) {
    this.#deps = deps;
  }

  /** Sends a form, some to both gateways at once. @returns true if its images were completed before the signal */
  async send({ name, offers, caller, notify }: Form, signal: AbortSignal): Promise<boolean> {
    const { history, random, gateways } = this.#deps;
    for (const { name: offer, image } of offers)
      history.note({ kind: 'offered', offer, image, caller: caller.caller, notify: false });
    const names = offers.map((offer) => offer.name);
    this.#note(name, 'form', names, caller, notify);
    const sending = {
      ...{ name, caller, offers: names },
      headers: { 'idempotency-key': name, ...(notify && { notify: RECEIVER }) },
      body: () => {
        const form = new FormData();
        for (const offer of offers) form.append(offer.name, new Blob([offer.bytes]), offer.name);
        return form;
      },
    };
    const first = gateways.any();
    const sent = [this.#complete(sending, first, random.chance(BREAKS_OFF_SHARE), signal)];
    if (random.chance(SENT_TWICE_SHARE))
      sent.push(this.#complete(sending, first + 1, false, signal));
    return (await Promise.all(sent)).every(Boolean);
  }

  /** Gathers requests that were accepted. @returns true if they were completed before the signal */
  async gather(
    name: string,
    requests: readonly KnownRequest[],
    caller: Credentials,
    signal: AbortSignal,
  ): Promise<boolean> {
    const offers = requests.map(({ offer }) => offer);
    this.#note(name, 'gather', offers, caller, false);
    const ids = requests.map(({ requestId }) => requestId);
    const sending = {
      ...{ name, caller, offers },
      headers: { 'content-type': 'application/json' },
      body: () => JSON.stringify({ classifications: ids }),
    };
    return this.#complete(sending, this.#deps.gateways.any(), false, signal);
  }

  /** Reads a batch and its results once. */
  async askOnce(
    { name, caller }: Pick<Form, 'name' | 'caller'>,
    batchId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const call = { offer: name, caller, path: `/v1/batches/${batchId}` };
    const { gateways } = this.#deps;
    await this.#call({ ...call, how: 'get', gateway: gateways.any() }, signal);
    const results = { ...call, path: `${call.path}/results`, how: 'results' as const };
    await this.#call({ ...results, gateway: gateways.any() }, signal);
  }

  #note(
    batch: string,
    how: 'form' | 'gather',
    offers: string[],
    { caller }: Credentials,
    notify: boolean,
  ) {
    this.#deps.history.note({ kind: 'batched', batch, caller, how, notify, offers });
  }

  async #complete(
    sending: Sending,
    firstGateway: number,
    breaksOff: boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { known, reader, random } = this.#deps;
    const { name, caller, offers } = sending;
    let batchId: string | undefined;
    let following: Promise<void> | undefined;
    let cut = breaksOff;
    const pauses = new Pauses();
    for (let gateway = firstGateway; !signal.aborted; gateway++) {
      const answer = await (batchId === undefined
        ? this.#post(sending, gateway, cut, signal)
        : this.#wait(name, caller, batchId, gateway, signal));
      cut = false;
      if (answer?.kind === 'batch' && batchId === undefined) {
        const { id, items } = answer.view;
        batchId = id;
        known.batch(caller, { name, batchId });
        for (const { index, id: requestId } of items) {
          const offer = offers[index];
          if (requestId !== undefined && offer !== undefined)
            known.request(caller, { offer, requestId });
        }
        if (random.chance(FOLLOWED_SHARE)) {
          const path = `/v1/batches/${batchId}/events`;
          following = reader.read({ of: name, path, caller }, signal);
        }
      }
      if (
        answer?.kind === 'failed' ||
        (answer?.kind === 'batch' && answer.view.status === 'completed')
      ) {
        await following;
        return true;
      }
      await sleep(pauses.after(answer && (answer.kind === 'batch' ? 'served' : 'refused')), signal);
    }
    await following;
    return false;
  }

  #post(
    { name, caller, headers, body }: Sending,
    gateway: number,
    cut: boolean,
    signal: AbortSignal,
  ) {
    const { random } = this.#deps;
    const prefer = random.chance(0.7) ? 'respond-async' : `wait=${WAIT_SECONDS}`;
    const call = {
      ...{ offer: name, how: 'post' as const, gateway, path: '/v1/batches', caller },
      headers: { prefer, ...headers },
      body: body(),
    };
    const limit = cut && AbortSignal.timeout(random.below(BREAKS_OFF_WITHIN_MS));
    return this.#call(call, limit ? AbortSignal.any([signal, limit]) : signal);
  }

  #wait(name: string, caller: Credentials, batchId: string, gateway: number, signal: AbortSignal) {
    const headers = { prefer: `wait=${WAIT_SECONDS}` };
    const path = `/v1/batches/${batchId}`;
    return this.#call({ offer: name, how: 'get', gateway, path, caller, headers }, signal);
  }

  async #call(call: Call, signal: AbortSignal) {
    const answered = await this.#deps.gateways.call(call, signal);
    if (answered === undefined) return undefined;
    const { via, status, text } = answered;
    const { offer: batch, how } = call;
    const body = how === 'results' && status === 200 ? linesOf(text) : jsonOrUndefined(text);
    this.#deps.history.note({
      kind: 'batch-answered',
      batch,
      via,
      how,
      status,
      body: body ?? text,
    });
    const view = batchViewSchema.safeParse(body);
    if (view.success) return { kind: 'batch' as const, view: view.data };
    const again = readAnswer(status, body).kind === 'try-again';
    return { kind: again ? ('try-again' as const) : ('failed' as const) };
  }
}

const linesOf = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => jsonOrUndefined(line) ?? line);
