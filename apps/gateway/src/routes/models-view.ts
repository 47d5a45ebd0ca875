import { readJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  LATEST_MODEL_KEY,
  modelDescriptionCodec,
  modelDescriptionKey,
  type ModelDescription,
} from '@labelfleet/contracts';
import type { FleetView } from './fleet-view.ts';

/** A page that polls must not cause calls to the store each time, and models change rarely. */
const CACHED_FOR_MS = 10_000;

interface ModelsViewDeps {
  /** The state bucket. */
  bucket: Pick<ObjectStore, 'get'>;
  fleet: Pick<FleetView, 'latest'>;
  /** A monotonic clock. */
  monotonicMs: () => number;
}

/** Reads what the fleet's models know, and caches it. */
export class ModelsView {
  readonly #deps: ModelsViewDeps;
  #cached: { untilMs: number; models: Promise<ModelDescription[]> } | undefined;

  constructor(deps: ModelsViewDeps) {
    this.#deps = deps;
  }

  /**
   * The models of the workers that are up. While none is, the one of the worker that started last.
   * @returns none before the first worker has started
   * @throws when the store fails or an object is no description of a model
   */
  async inUse(): Promise<ModelDescription[]> {
    const now = this.#deps.monotonicMs();
    if (this.#cached === undefined || this.#cached.untilMs <= now) {
      const models = this.#read();
      this.#cached = { untilMs: now + CACHED_FOR_MS, models };
      // A failure is returned to its callers, but not kept.
      models.catch(() => (this.#cached = undefined));
    }
    return this.#cached.models;
  }

  async #read(): Promise<ModelDescription[]> {
    const snapshot = await this.#deps.fleet.latest();
    const reads = (snapshot?.models ?? []).map(async (sha256) =>
      this.#find(modelDescriptionKey(sha256)),
    );
    const inUse = (await Promise.all(reads)).filter((model) => model !== undefined);
    if (inUse.length > 0) return inUse;
    const latest = await this.#find(LATEST_MODEL_KEY);
    return latest === undefined ? [] : [latest];
  }

  async #find(key: string): Promise<ModelDescription | undefined> {
    return (await readJson(this.#deps.bucket, key, modelDescriptionCodec))?.value;
  }
}
