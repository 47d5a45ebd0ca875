import type { Instance } from './instance.ts';

/** The instances as one call sees them. */
export interface InstanceView {
  all(): Instance[];
  /** @throws ApiError if there is no such instance */
  get(id: string): Instance;
}
