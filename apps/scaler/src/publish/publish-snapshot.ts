import { writeJson, type ObjectStore } from '@labelfleet/aws/store';
import { fleetSnapshotCodec, FLEET_SNAPSHOT_KEY, type FleetSnapshot } from '@labelfleet/contracts';
import type { CostKeeper } from './cost-keeper.ts';
import { differs, NO_HISTORY, takeSnapshot, type TickSummary } from './snapshot.ts';
import { tryCall } from '../act/call-failure.ts';

/** An unchanged snapshot is published again at the first tick after this time: with ticks every 2 s, within 10 s. */
const PUBLISH_EVERY_MS = 8000;
/** Nobody waits for the snapshot of an idle fleet, and each costs a call. */
const PUBLISH_IDLE_EVERY_MS = 38_000;

export type PublishResult =
  { kind: 'published' | 'unchanged' } | { kind: 'failed'; detail: string };

/** Keeps the published snapshot in the state bucket up to date. */
export class SnapshotPublisher {
  readonly #store: Pick<ObjectStore, 'put'>;
  readonly #costs: Pick<CostKeeper, 'take'>;
  readonly #tickMs: number;
  #memory = NO_HISTORY;
  #last: { snapshot: FleetSnapshot; publishedAtMs: number } | undefined;

  constructor(
    store: Pick<ObjectStore, 'put'>,
    costs: Pick<CostKeeper, 'take'>,
    { tickMs }: { tickMs: number },
  ) {
    this.#tickMs = tickMs;
    this.#store = store;
    this.#costs = costs;
  }

  async publish(tick: TickSummary, now: number): Promise<PublishResult> {
    const costs = await this.#costs.take(tick.knowledge, now);
    if (costs.kind === 'failed') return costs;
    const everyMs = tick.idle ? PUBLISH_IDLE_EVERY_MS : PUBLISH_EVERY_MS;
    const publishedEverySeconds = (everyMs + this.#tickMs) / 1000;
    const summary = { ...tick, ...costs, publishedEverySeconds };
    const { snapshot, memory } = takeSnapshot(summary, this.#memory, now);
    this.#memory = memory;
    const due =
      this.#last === undefined ||
      now - this.#last.publishedAtMs >= everyMs ||
      differs(this.#last.snapshot, snapshot);
    if (!due) return { kind: 'unchanged' };
    const result = await tryCall(() =>
      writeJson(this.#store, FLEET_SNAPSHOT_KEY, snapshot, fleetSnapshotCodec),
    );
    if (result.kind === 'failed') return result;
    this.#last = { snapshot, publishedAtMs: now };
    return { kind: 'published' };
  }
}
