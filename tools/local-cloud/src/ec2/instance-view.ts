import type { Instance } from './instance.ts';

/** What a call sees of the instances. */
export interface InstanceView {
  all(): Instance[];
  /** @throws ApiError when there is no such instance */
  get(id: string): Instance;
}
