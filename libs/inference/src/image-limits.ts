import type { BadImage } from './classifier.ts';
import type { Usage } from './process-usage.ts';

/** What one image may take. */
export interface ImageLimits {
  /** Of processor time while it is decoded: a busy machine makes that no longer. */
  maxDecodeMs: number;
  /** Of memory beyond what its process had before it, while it is decoded and classified. */
  maxMemoryBytes: number;
}

export const DEFAULT_LIMITS: ImageLimits = { maxDecodeMs: 10_000, maxMemoryBytes: 1_500_000_000 };

export type Phase = 'decoding' | 'inferring';

export type OverLimit = BadImage | { kind: 'failed'; detail: string };

/**
 * What an image's use of its process means: nothing while within the limits. What cannot be decoded within
 * them is a bad image, for whoever tries. Inference depends more on the model than on the image, so there it
 * is a failure of the attempt.
 * @param used since the image was given to the process
 */
export function judgeUsage(phase: Phase, used: Usage, limits: ImageLimits): OverLimit | undefined {
  const { maxDecodeMs, maxMemoryBytes } = limits;
  const memory = `more than ${Math.round(maxMemoryBytes / 1e6)} MB of memory`;
  if (phase === 'inferring') {
    return used.memoryBytes > maxMemoryBytes
      ? { kind: 'failed', detail: `inference took ${memory}` }
      : undefined;
  }
  if (used.cpuMs > maxDecodeMs) return tooCostly(`more than ${maxDecodeMs / 1000} s of computing`);
  return used.memoryBytes > maxMemoryBytes ? tooCostly(memory) : undefined;
}

const tooCostly = (cost: string): BadImage => ({
  kind: 'bad-image',
  reason: 'too-costly',
  detail: `The image takes ${cost} to decode; it is built in an unusual way, or very large. Save it anew as a plain JPEG or PNG, or smaller.`,
});
