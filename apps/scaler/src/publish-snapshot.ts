import type { ObjectStore } from '@labelfleet/aws/store';
import { encodeFleetSnapshot, FLEET_SNAPSHOT_KEY, type FleetSnapshot } from '@labelfleet/contracts';
import { differs, NO_HISTORY, takeSnapshot, type TickSummary } from './snapshot.ts';
import { attempt } from './trouble.ts';

/** Ticks are some seconds apart: an unchanged snapshot is so never older than 10 s. */
const PUBLISH_EVERY_MS = 8000;

export type Published = { kind: 'published' | 'unchanged' } | { kind: 'failed'; detail: string };

/** Keeps the published snapshot in the state bucket up to date. */
export class SnapshotPublisher {
  readonly #store: Pick<ObjectStore, 'put'>;
  #memory = NO_HISTORY;
  #last: { snapshot: FleetSnapshot; publishedAtMs: number } | undefined;

  constructor(store: Pick<ObjectStore, 'put'>) {
    this.#store = store;
  }

  async publish(tick: TickSummary, now: number): Promise<Published> {
    const { snapshot, memory } = takeSnapshot(tick, this.#memory, now);
    this.#memory = memory;
    const due =
      this.#last === undefined ||
      now - this.#last.publishedAtMs >= PUBLISH_EVERY_MS ||
      differs(this.#last.snapshot, snapshot);
    if (!due) return { kind: 'unchanged' };
    const result = await attempt(() =>
      this.#store.put(FLEET_SNAPSHOT_KEY, encodeFleetSnapshot(snapshot), {
        contentType: 'application/json',
      }),
    );
    if (result.kind === 'failed') return result;
    this.#last = { snapshot, publishedAtMs: now };
    return { kind: 'published' };
  }
}
