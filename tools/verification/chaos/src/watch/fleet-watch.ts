import type { Fleet } from '@labelfleet/aws/fleet';
import type { ObjectStore } from '@labelfleet/aws/store';
import { decodeFleetLease, FLEET_LEASE_KEY, WORKER_TAGS } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { EventOf } from '../history/event.ts';
import type { History } from '../history/history.ts';

const POLL_MS = 200;
/** The scaler's default FLEET_NAME. */
const FLEET_NAME = 'labelfleet';

type Instances = EventOf<'fleet'>['instances'];
type Lease = Omit<EventOf<'lease'>, 'at' | 'kind'>;

/** Polls the fleet and the lease, and adds their changes to the history. */
export class FleetWatch {
  readonly #fleet: Pick<Fleet, 'list'>;
  readonly #state: Pick<ObjectStore, 'get'>;
  readonly #history: Pick<History, 'note'>;
  #instances: Instances = [];
  #seenAt = 0;
  #lease: Lease | undefined;

  constructor(parts: {
    fleet: Pick<Fleet, 'list'>;
    state: Pick<ObjectStore, 'get'>;
    history: Pick<History, 'note'>;
  }) {
    this.#fleet = parts.fleet;
    this.#state = parts.state;
    this.#history = parts.history;
  }

  /** Instances not yet terminated, by the last listing. */
  get living(): Instances {
    return this.#instances.filter(({ state }) => state !== 'terminated');
  }

  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Fails while the local cloud is down; the next poll reads again.
      await this.read().catch(() => undefined);
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async read(): Promise<void> {
    const askedAt = Date.now();
    const [listed, object] = await Promise.all([
      this.#fleet.list(WORKER_TAGS.fleet, FLEET_NAME),
      this.#state.get(FLEET_LEASE_KEY),
    ]);
    this.#takeListing(
      listed.map(({ instanceId, state, launchedAt }) => ({
        id: instanceId,
        state,
        launchedAt: launchedAt.getTime(),
      })),
      askedAt,
    );
    if (object !== null) this.#takeLease(new TextDecoder().decode(object.body), askedAt);
  }

  /** On a change, adds the old listing at the last time it was seen, and the new one at its own time. */
  #takeListing(instances: Instances, askedAt: number): void {
    if (!isDeepStrictEqual(instances, this.#instances)) {
      const note = (seen: Instances, at: number) =>
        this.#history.note({ kind: 'fleet', instances: alive(seen, this.#instances) }, at);
      if (this.#seenAt > 0) note(this.#instances, this.#seenAt);
      note(instances, askedAt);
      this.#instances = instances;
    }
    this.#seenAt = askedAt;
  }

  #takeLease(text: string, askedAt: number): void {
    const decoded = decodeFleetLease(text);
    if (decoded.kind === 'malformed') return;
    const { leader, memory } = decoded.value;
    const lease: Lease = {
      leader,
      intents: memory.intents.map(({ request }) => request.clientToken),
      terminates: memory.terminates,
    };
    if (isDeepStrictEqual(lease, this.#lease)) return;
    this.#lease = lease;
    this.#history.note({ kind: 'lease', ...lease }, askedAt);
  }
}

/** Leaves out instances that were terminated in the listing before. */
function alive(seen: Instances, before: Instances): Instances {
  const over = new Set(before.filter(({ state }) => state === 'terminated').map(({ id }) => id));
  return seen.filter(({ id }) => !over.has(id));
}
