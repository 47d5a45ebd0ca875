import { lowestScore, type Calibration } from '@labelfleet/contracts';
import { topScore, type Observation } from './metrics.ts';

const DEMANDS = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99];

/** What a caller gets who demands a precision. */
export interface PrecisionRow {
  minPrecision: number;
  /** Undefined: no threshold is precise enough, and no image gets a label. */
  score?: number;
  /** The share of images that get a label, and of right ones among these labels. */
  labeled: number;
  precision?: number;
  /** The share of images of other things that get a label; undefined: not measured. */
  othersLabeled?: number;
  /** The precision if a share of the images shows other things. */
  precisionWithOthers?: number;
}

/** Images of none of the model's classes. */
export interface OtherImages {
  images: number;
  failed: number;
  /** The share of such images that the last column assumes. */
  share: number;
  /** The probability that an image of the model's classes has a higher score than one of other things. */
  auroc: number;
  scores: readonly number[];
}

export function precisionTable(
  calibration: Calibration,
  others: Pick<OtherImages, 'scores' | 'share'> | undefined,
): PrecisionRow[] {
  return DEMANDS.map((minPrecision) => {
    const lowest = lowestScore(calibration, minPrecision);
    const row = calibration.thresholds.find(({ score }) => score === lowest);
    if (row === undefined) return { minPrecision, labeled: 0 };
    const { score, labeled, precision } = row;
    return { minPrecision, score, labeled, precision, ...withOthers(row, others) };
  });
}

function withOthers(
  { score, labeled, precision }: Calibration['thresholds'][number],
  others: Pick<OtherImages, 'scores' | 'share'> | undefined,
) {
  if (others === undefined) return {};
  const { scores, share } = others;
  const othersLabeled = scores.filter((other) => other >= score).length / scores.length;
  // A label for an image of another thing is wrong.
  const right = (1 - share) * labeled * precision;
  const all = (1 - share) * labeled + share * othersLabeled;
  return { othersLabeled, precisionWithOthers: right / all };
}

export function measureOthers(
  own: readonly Pick<Observation, 'predictions'>[],
  others: readonly Pick<Observation, 'predictions'>[],
  { failed, share }: Pick<OtherImages, 'failed' | 'share'>,
): OtherImages {
  const scores = others.map(topScore);
  const auroc = areaUnderRoc(own.map(topScore), scores);
  return { images: others.length, failed, share, auroc, scores };
}

/**
 * The area under the ROC curve of telling own images from others by their score: the share of pairs of which the own
 * image has the higher score, ties counting half (Hendrycks and Gimpel, 2017, measure a model by it).
 */
export function areaUnderRoc(own: readonly number[], others: readonly number[]): number {
  const sorted = own.toSorted((a, b) => a - b);
  const higher = others.reduce((sum, score) => {
    const notLower = sorted.length - countBelow(sorted, (each) => each < score);
    const above = sorted.length - countBelow(sorted, (each) => each <= score);
    return sum + (above + notLower) / 2;
  }, 0);
  return higher / (own.length * others.length);
}

/** How many values of a sorted list are `below`, by bisection. */
function countBelow(sorted: readonly number[], below: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (below(sorted[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
