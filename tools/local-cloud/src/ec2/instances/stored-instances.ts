import * as z from 'zod';

import type { Collection, Storage } from '../../storage/storage.ts';
import type { Instance } from './instance.ts';

const stringMap = z.record(z.string(), z.string());

const storedInstance = z.object({
  id: z.string(),
  reservationId: z.string(),
  launchIndex: z.int(),
  clientToken: z.string().optional(),
  spec: z.object({
    imageId: z.string(),
    instanceType: z.string(),
    subnetId: z.string().optional(),
    userData: z.string().optional(),
    profile: z.string().optional(),
    market: z.enum(['on-demand', 'spot']),
    shutdownBehavior: z.enum(['stop', 'terminate']).default('terminate'),
    metadataTags: z.boolean(),
    tags: stringMap,
  }),
  subnetId: z.string(),
  zone: z.string(),
  privateIp: z.string(),
  launchedAtMs: z.number(),
  startsAtMs: z.number(),
  tags: stringMap,
  state: z.enum(['pending', 'running', 'shutting-down', 'stopped', 'terminated']),
  stateReason: z.object({ code: z.string(), message: z.string() }).optional(),
  terminatedAtMs: z.number().optional(),
  spotNotice: z.object({ action: z.string(), atMs: z.number() }).optional(),
});

/** The persisted instances: everything that EC2 reports of them. Process records persist their processes. */
export class StoredInstances {
  readonly #instances: Collection<z.output<typeof storedInstance>>;

  constructor(storage: Storage) {
    this.#instances = storage.collection('instance', storedInstance);
  }

  save(instance: Instance): void {
    this.#instances.save(instance.id, instance);
  }

  remove(id: string): void {
    this.#instances.remove(id);
  }

  /** The instances that an earlier process persisted, in the order of launch. */
  read(): Instance[] {
    return Array.from(this.#instances.entries(), ([, stored]) => complete(stored)).sort(
      (a, b) => a.launchedAtMs - b.launchedAtMs || a.launchIndex - b.launchIndex,
    );
  }
}

/** JSON omits undefined fields. */
function complete({ spec, ...stored }: z.output<typeof storedInstance>): Instance {
  return {
    ...stored,
    clientToken: stored.clientToken,
    spec: {
      ...spec,
      subnetId: spec.subnetId,
      userData: spec.userData,
      profile: spec.profile,
    },
    stateReason: stored.stateReason,
    terminatedAtMs: stored.terminatedAtMs,
    spotNotice: stored.spotNotice,
  };
}
