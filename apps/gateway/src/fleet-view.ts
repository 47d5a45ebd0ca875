import type { ObjectStore } from '@labelfleet/aws/store';
import { decodeFleetSnapshot, FLEET_SNAPSHOT_KEY, type FleetSnapshot } from '@labelfleet/contracts';

/** The scaler publishes at most twice a second; a page that asks often must not be a call to the store each time. */
const CACHED_FOR_MS = 1_000;

/** The fleet as the scaler last published it. */
export class FleetView {
  readonly #bucket: Pick<ObjectStore, 'get'>;
  readonly #nowMs: () => number;
  #cached: { untilMs: number; snapshot: Promise<FleetSnapshot | undefined> } | undefined;

  /** @param nowMs a monotonic clock */
  constructor(bucket: Pick<ObjectStore, 'get'>, nowMs: () => number) {
    this.#bucket = bucket;
    this.#nowMs = nowMs;
  }

  /**
   * The last snapshot, at most a second old as far as this gateway is concerned.
   * @returns undefined while none has been published
   * @throws when the store fails or holds something else
   */
  async latest(): Promise<FleetSnapshot | undefined> {
    const now = this.#nowMs();
    if (this.#cached === undefined || this.#cached.untilMs <= now)
      this.#cached = { untilMs: now + CACHED_FOR_MS, snapshot: this.#read() };
    return this.#cached.snapshot;
  }

  async #read(): Promise<FleetSnapshot | undefined> {
    const object = await this.#bucket.get(FLEET_SNAPSHOT_KEY);
    if (object === null) return undefined;
    const decoded = decodeFleetSnapshot(new TextDecoder().decode(object.body));
    if (decoded.kind === 'malformed')
      throw new Error(`The fleet snapshot is malformed: ${decoded.reason}`);
    return decoded.value;
  }
}
