import { ApiError } from '../api-error.ts';
import type { InstanceView } from '../ec2/instances/instance-view.ts';
import type { Instance } from '../ec2/instances/instance.ts';
import { occasionOf, type ApiCall } from './call-faults.ts';
import type { Faults } from './faults.ts';

type Tags = Readonly<Record<string, string>>;

/** How long tag changes are remembered: the longest delay of a view. */
const REMEMBERED_MS = 3_600_000;

/**
 * Shows instances as they were some time ago. EC2 is eventually consistent, so recent launches and tags may be missing.
 * Only changes since such a fault was set are recorded.
 * docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export class StaleViews {
  readonly #faults: Faults;
  readonly #instances: InstanceView;
  /** The tags before each change, oldest first. */
  readonly #earlier = new Map<string, { untilMs: number; tags: Tags }[]>();

  constructor(faults: Faults, instances: InstanceView) {
    this.#faults = faults;
    this.#instances = instances;
  }

  /**
   * Returns the view of one call, which is current unless a fault fires.
   * @throws ApiError if the call names an instance that is not visible yet
   */
  viewOf(call: ApiCall): InstanceView {
    if (!this.#faults.has('stale-describe')) {
      this.#earlier.clear();
      return this.#instances;
    }
    const nowMs = Date.now();
    const named = call.facts.instance ?? [];
    const [outcome] = this.#faults.fire(['stale-describe'], occasionOf(call));
    const view = outcome === undefined ? this.#instances : this.#viewAt(nowMs - outcome.lagMs);
    if (outcome !== undefined) for (const id of named) view.get(id);
    if (/^ec2:(Create|Delete)Tags$/.test(call.action)) this.#remember(named, nowMs);
    return view;
  }

  #viewAt(atMs: number): InstanceView {
    const asItWas = (instance: Instance) => ({
      ...instance,
      tags: { ...this.#tagsAt(instance, atMs) },
    });
    return {
      all: () =>
        this.#instances
          .all()
          .filter(({ launchedAtMs }) => launchedAtMs <= atMs)
          .map(asItWas),
      get: (id) => {
        const instance = this.#instances.get(id);
        if (instance.launchedAtMs <= atMs) return asItWas(instance);
        throw new ApiError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
      },
    };
  }

  #tagsAt({ id, tags }: Instance, atMs: number): Tags {
    return this.#earlier.get(id)?.find(({ untilMs }) => untilMs > atMs)?.tags ?? tags;
  }

  #remember(ids: readonly string[], nowMs: number): void {
    for (const instance of this.#instances.all().filter(({ id }) => ids.includes(id))) {
      const earlier = (this.#earlier.get(instance.id) ?? []).filter(
        ({ untilMs }) => untilMs > nowMs - REMEMBERED_MS,
      );
      earlier.push({ untilMs: nowMs, tags: { ...instance.tags } });
      this.#earlier.set(instance.id, earlier);
    }
  }
}
