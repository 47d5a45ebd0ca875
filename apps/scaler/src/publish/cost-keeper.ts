import { tryReadJson, type ObjectStore } from '@labelfleet/aws/store';
import { FLEET_SNAPSHOT_KEY, fleetSnapshotCodec, type FleetCost } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { count, inheritLedger, openLedger, type CostLedger, type Rates } from './cost-ledger.ts';
import { viewCost, withoutPrice } from './cost-view.ts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';
import type { Metrics } from '../metrics.ts';
import { tryCall } from '../act/call-failure.ts';

/** The cost of the fleet so far. */
export interface Costs {
  cost: FleetCost;
  /** What of an instance is counted in `cost`: the next leader continues from there. */
  countedOf: (instanceId: string) => { completed: number; jobImages?: number };
}

export type CostUpdate = ({ kind: 'taken' } & Costs) | { kind: 'failed'; detail: string };

export interface CostKeeperDeps {
  /** The state bucket, which holds the snapshot of the previous leader. */
  store: Pick<ObjectStore, 'get'>;
  rates: Rates;
  workerHour: () => FleetCost['workerHour'];
  metrics: Pick<Metrics, 'cost'>;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Counts the cost of the fleet, continuing from the snapshot published last. */
export class CostKeeper {
  readonly #deps: CostKeeperDeps;
  #ledger: CostLedger | undefined;
  readonly #warnedTypes = new Set<string>();

  constructor(deps: CostKeeperDeps) {
    this.#deps = deps;
  }

  /**
   * Counts up to now. `failed`: the snapshot of the previous leader cannot be read yet, and must not be
   * overwritten. @param now milliseconds since the epoch
   */
  async take(
    { seen, heartbeats }: Pick<FleetKnowledge, 'seen' | 'heartbeats'>,
    now: number,
  ): Promise<CostUpdate> {
    const { rates, metrics } = this.#deps;
    if (this.#ledger === undefined) {
      const before = await tryCall(() => this.#inherit(now));
      if (before.kind === 'failed') return before;
      this.#ledger = before.answer;
    }
    const ledger = count(this.#ledger, { seen, heartbeats }, rates, now);
    this.#ledger = ledger;
    this.#warnOfMissingPrices(withoutPrice(seen, rates.prices));
    const workerHour = this.#deps.workerHour();
    const cost = {
      ...viewCost(ledger, seen, rates.prices),
      ...(workerHour && { workerHour }),
    };
    metrics.cost(cost);
    const countedOf = (id: string) => {
      const { images = 0, jobImages = 0 } = ledger.counted.get(id) ?? {};
      return { completed: images, ...(jobImages > 0 && { jobImages }) };
    };
    return { kind: 'taken', cost, countedOf };
  }

  async #inherit(now: number): Promise<CostLedger> {
    const read = await tryReadJson(this.#deps.store, FLEET_SNAPSHOT_KEY, fleetSnapshotCodec);
    if (read.kind === 'absent') return openLedger(now);
    if (read.kind === 'decoded') return inheritLedger(read.value, now);
    const { reason } = read;
    this.#deps.log.warn(
      { event: 'cost.restarted', reason },
      'cost restarted because the last fleet snapshot is malformed',
    );
    return openLedger(now);
  }

  /** Logs each type once. */
  #warnOfMissingPrices(instanceTypes: readonly string[]): void {
    for (const instanceType of instanceTypes.filter((type) => !this.#warnedTypes.has(type))) {
      this.#warnedTypes.add(instanceType);
      const hint = 'costs are null until PRICES_USD has a price for this instance type';
      this.#deps.log.warn({ event: 'price.missing', instanceType, hint }, 'price missing');
    }
  }
}
