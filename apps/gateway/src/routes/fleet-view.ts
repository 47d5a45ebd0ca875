import type { ObjectStore } from '@labelfleet/aws/store';
import {
  decodeFleetSnapshot,
  FLEET_SNAPSHOT_KEY,
  isStale,
  type FleetSnapshot,
} from '@labelfleet/contracts';
import { pause } from '../replies/pause.ts';

/** The scaler publishes at most twice a second; a page that asks often must not be a call to the store each time. */
const CACHED_FOR_MS = 1_000;
/** A caller who wants an image classified is not kept waiting for an estimate. */
const ESTIMATE_WITHIN_MS = 1_000;

interface FleetViewDeps {
  bucket: Pick<ObjectStore, 'get'>;
  /** A monotonic clock. */
  monotonicMs: () => number;
  /** Milliseconds since the epoch. */
  unixMs: () => number;
}

/** What the scaler last published, and whether that is too old to say anything of now. */
export interface PublishedFleet {
  snapshot: FleetSnapshot;
  stale: boolean;
}

/** The fleet as the scaler last published it. */
export class FleetView {
  readonly #deps: FleetViewDeps;
  #cached: { untilMs: number; snapshot: Promise<FleetSnapshot | undefined> } | undefined;
  #lastRead: FleetSnapshot | undefined;

  constructor(deps: FleetViewDeps) {
    this.#deps = deps;
  }

  /**
   * The last snapshot, at most a second old as far as this gateway is concerned.
   * @returns undefined while none has been published
   * @throws when the store fails or holds something else
   */
  async published(): Promise<PublishedFleet | undefined> {
    return this.#judged(await this.#read());
  }

  /**
   * A snapshot that says something of now, for estimates: where the store is slow, the last one read.
   * @returns undefined where there is none, or it is stale
   * @throws when the store fails or holds something else
   */
  async latest(): Promise<FleetSnapshot | undefined> {
    const done = new AbortController();
    try {
      const late = pause(ESTIMATE_WITHIN_MS, done.signal).then(() => this.#lastRead);
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
    const object = await this.#deps.bucket.get(FLEET_SNAPSHOT_KEY);
    if (object === null) return undefined;
    const decoded = decodeFleetSnapshot(new TextDecoder().decode(object.body));
    if (decoded.kind === 'malformed')
      throw new Error(`The fleet snapshot is malformed: ${decoded.reason}`);
    this.#lastRead = decoded.value;
    return decoded.value;
  }
}
