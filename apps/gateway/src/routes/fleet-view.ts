import { readJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  fleetSnapshotCodec,
  FLEET_SNAPSHOT_KEY,
  isStale,
  type FleetSnapshot,
} from '@labelfleet/contracts';
import { sleep } from '@labelfleet/runtime';

/** The scaler publishes at most twice a second, and a page that polls must not cause a call to the store each time. */
const CACHED_FOR_MS = 1_000;
/** An estimate must not delay a classification for longer. */
const ESTIMATE_WITHIN_MS = 1_000;

interface FleetViewDeps {
  bucket: Pick<ObjectStore, 'get'>;
  /** Milliseconds of a monotonic clock. */
  monotonicMs: () => number;
  /** Milliseconds since the epoch. */
  unixMs: () => number;
}

/** The last fleet snapshot, and whether it is stale. */
export interface PublishedFleet {
  snapshot: FleetSnapshot;
  stale: boolean;
}

/** Reads the fleet snapshot and caches it for a second. */
export class FleetView {
  readonly #deps: FleetViewDeps;
  #cached: { untilMs: number; snapshot: Promise<FleetSnapshot | undefined> } | undefined;
  #lastRead: FleetSnapshot | undefined;

  constructor(deps: FleetViewDeps) {
    this.#deps = deps;
  }

  /**
   * The last snapshot, read at most a second ago.
   * @returns undefined while none has been published
   * @throws when the store fails or the object is no fleet snapshot
   */
  async published(): Promise<PublishedFleet | undefined> {
    return this.#judged(await this.#read());
  }

  /**
   * A current snapshot, for estimates. If the store is slow, this is the last one that was read.
   * @returns undefined if there is none, or it is stale
   * @throws when the store fails or the object is no fleet snapshot
   */
  async latest(): Promise<FleetSnapshot | undefined> {
    const done = new AbortController();
    try {
      const late = sleep(ESTIMATE_WITHIN_MS, done.signal).then(() => this.#lastRead);
      const fleet = this.#judged(await Promise.race([this.#read(), late]));
      return fleet?.stale === false ? fleet.snapshot : undefined;
    } finally {
      done.abort();
    }
  }

  #judged(snapshot: FleetSnapshot | undefined): PublishedFleet | undefined {
    return snapshot && { snapshot, stale: isStale(snapshot, this.#deps.unixMs()) };
  }

  #read(): Promise<FleetSnapshot | undefined> {
    const now = this.#deps.monotonicMs();
    if (this.#cached === undefined || this.#cached.untilMs <= now)
      this.#cached = { untilMs: now + CACHED_FOR_MS, snapshot: this.#fetch() };
    return this.#cached.snapshot;
  }

  async #fetch(): Promise<FleetSnapshot | undefined> {
    const stored = await readJson(this.#deps.bucket, FLEET_SNAPSHOT_KEY, fleetSnapshotCodec);
    if (stored === undefined) return undefined;
    this.#lastRead = stored.value;
    return stored.value;
  }
}
