import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 count buffers together with its heap, as they grow. By default it starts a full garbage collection after
 * each 64 MB of new buffers, which is after 130 photos. This takes a third less CPU for photos in the gateway, for some
 * 100 MB more memory.
 */
export function countBuffersWithHeap(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
