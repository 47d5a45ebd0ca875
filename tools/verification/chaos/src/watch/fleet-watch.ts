import type { Fleet } from '@labelfleet/aws/fleet';
import { tryReadJson, type ObjectStore } from '@labelfleet/aws/store';
import { FLEET_LEASE_KEY, fleetLeaseCodec, WORKER_TAGS } from '@labelfleet/contracts';
import { isDeepStrictEqual } from 'node:util';
import type { EventOf } from '../history/event.ts';
import type { History } from '../history/history.ts';

type Instances = EventOf<'fleet'>['instances'];
type Lease = Omit<EventOf<'lease'>, 'at'>;

interface FleetWatchDeps {
  fleet: Pick<Fleet, 'list'>;
  state: Pick<ObjectStore, 'get'>;
  history: Pick<History, 'note'>;
}

/** Adds the changes of the fleet and of the lease to the history. */
export class FleetWatch {
  readonly #deps: FleetWatchDeps;
  #instances: Instances = [];
  #seenAt = 0;
  #lease: Lease | undefined;

  constructor(deps: FleetWatchDeps) {
    this.#deps = deps;
  }

  /** Instances not yet terminated, by the last listing. */
  get living(): Instances {
    return this.#instances.filter(({ state }) => state !== 'terminated');
  }

  /** Rejects while the local cloud is down. */
  async read(): Promise<void> {
    const { fleet, state } = this.#deps;
    const askedAt = Date.now();
    const [listed, lease] = await Promise.all([
      // The scaler's default FLEET_NAME.
      fleet.list(WORKER_TAGS.fleet, 'labelfleet'),
      tryReadJson(state, FLEET_LEASE_KEY, fleetLeaseCodec),
    ]);
    const instances = listed.map(({ instanceId: id, state, launchedAt }) => {
      return { id, state, launchedAt: launchedAt.getTime() };
    });
    this.#takeListing(instances, askedAt);
    if (lease.kind !== 'decoded') return;
    const { leader, memory } = lease.value;
    const intents = memory.intents.map(({ request }) => request.clientToken);
    this.#takeLease({ kind: 'lease', leader, intents, terminates: memory.terminates }, askedAt);
  }

  /** On a change, adds the old listing at the last time it was seen, and the new one at its own time. */
  #takeListing(instances: Instances, askedAt: number): void {
    if (!isDeepStrictEqual(instances, this.#instances)) {
      // Instances that were terminated in the listing before are left out.
      const before = this.#instances.filter(({ state }) => state === 'terminated');
      const over = new Set(before.map(({ id }) => id));
      const note = (seen: Instances, at: number) => {
        const shown = seen.filter(({ id }) => !over.has(id));
        this.#deps.history.note({ kind: 'fleet', instances: shown }, at);
      };
      if (this.#seenAt > 0) note(this.#instances, this.#seenAt);
      note(instances, askedAt);
      this.#instances = instances;
    }
    this.#seenAt = askedAt;
  }

  #takeLease(lease: Lease, askedAt: number): void {
    if (isDeepStrictEqual(lease, this.#lease)) return;
    this.#lease = lease;
    this.#deps.history.note(lease, askedAt);
  }
}
