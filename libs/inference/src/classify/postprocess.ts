import type { Prediction } from '@labelfleet/contracts';

import type { ModelOutput } from '../model/manifest.ts';

/**
 * Converts one row of a network's output to its best predictions, best first. Equal scores keep the class order.
 * @throws RangeError if a value is not a finite number
 */
export function postprocess(
  row: Float32Array,
  { kind, temperature }: ModelOutput,
  labels: readonly string[],
  topK: number,
): Prediction[] {
  if (!row.every(Number.isFinite))
    throw new RangeError('The model gave values that are not finite numbers.');
  const scores = kind === 'logits' ? softmax(row, temperature) : Float64Array.from(row, toUnit);
  return Array.from(scores, (score, classIndex) => ({ score, classIndex }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK)
    .map(({ score, classIndex }) => ({ label: labels[classIndex] ?? '', score, classIndex }));
}

/** Subtracts the largest logit, so that no exponential overflows. */
function softmax(logits: Float32Array, temperature: number): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The probabilities of a network can be outside [0, 1] by a rounding error. */
const toUnit = (score: number) => Math.min(1, Math.max(0, score));
