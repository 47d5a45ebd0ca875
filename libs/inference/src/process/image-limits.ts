import type { BadImage } from '../classifier.ts';
import type { Usage } from './process-usage.ts';

/** Limits of the resources for one image. */
export interface ImageLimits {
  /** CPU time of decoding, which does not grow on a busy machine. */
  maxDecodeMs: number;
  /** Growth of the process's memory while the image is decoded and classified. */
  maxMemoryBytes: number;
}

export const DEFAULT_LIMITS: ImageLimits = { maxDecodeMs: 10_000, maxMemoryBytes: 1_500_000_000 };

export type Phase = 'decoding' | 'inferring';

export type OverLimit = BadImage | { kind: 'failed'; detail: string };

/**
 * Compares the resource usage of an image with the limits; undefined while it is within them. An image that cannot
 * be decoded within the limits is a bad image. Inference depends more on the model than on the image, so there it is
 * a failed attempt.
 * @param used since the process received the image
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
  detail: `The image takes ${cost} to decode: it is very large or has an unusual structure. Save it again as a plain JPEG or PNG, or make it smaller.`,
});
