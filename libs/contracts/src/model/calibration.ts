import * as z from 'zod';
import type { Prediction } from '../result/classification.ts';

const share = z.number().min(0).max(1);

/**
 * How often a model was right on held-out images of its own classes, by the score of its first label. It says
 * nothing about images of other things.
 */
export const calibrationSchema = z.object({
  /** The number of images. */
  images: z.int().min(1),
  /** The confidence of each `precisionAtLeast`. */
  confidence: z.number().gt(0.5).lt(1),
  /** For the images whose first label has at least this score; scores ascend. */
  thresholds: z
    .array(
      z.object({
        score: share,
        /** The share of all images that have at least this score. */
        labeled: share,
        /** The share of right labels among them. */
        precision: share,
        /** The lower confidence bound of the precision. */
        precisionAtLeast: share,
      }),
    )
    .min(1)
    .refine(
      (rows) => rows.every(({ score }, row) => row === 0 || score > (rows[row - 1]?.score ?? 0)),
      {
        message: 'scores must ascend',
      },
    ),
});
export type Calibration = z.infer<typeof calibrationSchema>;

/**
 * The lowest score from which on every threshold is known to be precise enough. Thresholds are tested from the
 * highest down and the first failure ends the test, so that the confidence holds for the chosen one without a
 * correction for the number of tests (fixed-sequence testing: Angelopoulos et al., Learn then Test, 2021). Left out
 * are those with so few images that they could not pass if all were right.
 * @returns Infinity if none is precise enough: then no image gets a label
 */
export function lowestScore(
  { images, confidence, thresholds }: Calibration,
  minPrecision: number,
): number {
  // If all n are right, the bound is (1 - confidence) ^ (1 / n).
  const leastImages = Math.log(1 - confidence) / Math.log(minPrecision);
  let lowest = Infinity;
  for (const { score, labeled, precisionAtLeast } of thresholds.toReversed()) {
    if (labeled * images < leastImages) continue;
    if (precisionAtLeast < minPrecision) break;
    lowest = score;
  }
  return lowest;
}

/** The label of the best prediction; without one if its score is lower. */
export const labelFrom = ({ label, score }: Prediction, lowest: number) =>
  score >= lowest ? { label } : { label: null, unknown: true as const };
