import type { StoredResult } from '@labelfleet/contracts';
import type { QueuedImage } from '../accept/image-store.ts';

/** Each caller sees only what is its own. */
export const maySee = (
  caller: string | undefined,
  owned: { caller?: string | undefined },
): boolean => caller === owned.caller;

export const ownerOf = (state: StoredResult | QueuedImage): { caller?: string | undefined } =>
  'status' in state ? state : state.options;
