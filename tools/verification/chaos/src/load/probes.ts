import { sleep } from '@labelfleet/runtime';
import type { Random } from '@labelfleet/testkit/random';
import type { History } from '../history/history.ts';
import { PRESS, REVOKED, SHOP, type Credentials } from './callers.ts';
import type { Call, Gateways } from './gateways.ts';
import type { Known } from './known.ts';

const EVERY_MS = 300;

interface ProbeDeps {
  gateways: Gateways;
  history: Pick<History, 'note'>;
  known: Known;
  random: Random;
}

/** Calls about requests and batches of others, without a key, and with a key that is revoked. */
export class Probes {
  readonly #deps: ProbeDeps;

  constructor(deps: ProbeDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.probe(signal);
      await sleep(EVERY_MS, signal);
    }
  }

  /** One call of a random kind. */
  async probe(signal: AbortSignal): Promise<void> {
    const { known, random } = this.#deps;
    const [owner, other] = random.chance(0.5) ? [SHOP, PRESS] : [PRESS, SHOP];
    const asBatch = random.chance(0.3);
    const ids = asBatch
      ? known.batchesOf(owner).map(({ batchId }) => batchId)
      : known.requestsOf(owner).map(({ requestId }) => requestId);
    const [first, ...rest] = ids.slice(-20);
    if (first === undefined) return;
    const id = random.pick([first, ...rest]);
    const caller = random.pick<Credentials | undefined>(
      // The revoked key is the owner's own, so it may read only.
      owner.caller === REVOKED.caller ? [other, REVOKED, REVOKED, undefined] : [other, undefined],
    );
    const call = this.#callAbout(id, asBatch, caller === REVOKED);
    await this.#call(owner, caller, call, signal);
  }

  /** Reads a request as another caller. */
  async readAsOther(owner: Credentials, requestId: string, signal: AbortSignal): Promise<void> {
    const other = owner.caller === SHOP.caller ? PRESS : SHOP;
    await this.#call(
      owner,
      other,
      { how: 'get', path: `/v1/classifications/${requestId}` },
      signal,
    );
  }

  #callAbout(
    id: string,
    isBatch: boolean,
    onlyReads: boolean,
  ): Pick<Call, 'how' | 'path' | 'headers' | 'body'> {
    const path = `/v1/${isBatch ? 'batches' : 'classifications'}/${id}`;
    const read = { how: 'get' as const, path };
    if (onlyReads) return read;
    const events = { how: 'get' as const, path: `${path}/events` };
    const results = { how: 'get' as const, path: `${path}/results` };
    const cancel = { how: 'cancel' as const, path: `${path}/cancel` };
    const gather = {
      how: 'post' as const,
      path: '/v1/batches',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ classifications: [id] }),
    };
    const { random } = this.#deps;
    return isBatch
      ? random.pick([read, events, results])
      : random.pick([read, events, cancel, gather]);
  }

  async #call(
    owner: Credentials,
    caller: Credentials | undefined,
    call: Pick<Call, 'how' | 'path' | 'headers' | 'body'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { gateways, history } = this.#deps;
    const beganAt = Date.now();
    const offer = `probe of ${call.path}`;
    const answered = await gateways.call(
      { ...call, offer, caller, gateway: gateways.any() },
      signal,
    );
    if (answered === undefined) return;
    const { via, status } = answered;
    history.note({
      ...{ kind: 'probed', path: call.path, owner: owner.caller },
      ...{ caller: caller?.caller ?? null, key: caller?.key ?? null },
      ...{ via, beganAt, status },
    });
  }
}
