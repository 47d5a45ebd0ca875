import type { Calibration } from '@labelfleet/contracts';
import { lowerBound } from './lower-bound.ts';
import { isRight, topScore, type Observation } from './metrics.ts';

const CONFIDENCE = 0.95;
const STEPS = 50;

/** Makes the calibration table: thresholds of the score of the first label, from 0 to 0.98. */
export function calibrate(observations: readonly Observation[]): Calibration {
  const images = observations.length;
  const rows = Array.from({ length: STEPS }, (_, step) => {
    const threshold = step / STEPS;
    const labeled = observations.filter((observation) => topScore(observation) >= threshold);
    const right = labeled.filter(isRight).length;
    return {
      score: threshold,
      labeled: rounded(labeled.length / images),
      precision: rounded(right / labeled.length),
      // Rounded down, because it is a promise.
      precisionAtLeast: Math.floor(1e4 * lowerBound(right, labeled.length, CONFIDENCE)) / 1e4,
    };
  });
  // No image has a higher score than those of the last row.
  const thresholds = rows.filter(({ labeled }) => labeled > 0);
  return { images, confidence: CONFIDENCE, thresholds };
}

const rounded = (share: number) => Math.round(1e4 * share) / 1e4;
