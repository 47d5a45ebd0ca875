import type { Classified } from '@labelfleet/inference';

/** An image's true class, and the model's predictions for it: the best five, or all if there are fewer classes. */
export interface Observation {
  classIndex: number;
  predictions: Classified['predictions'];
}

interface ClassMetrics {
  label: string;
  images: number;
  /** The share of the class's images whose first label is right, 0 to 1. */
  top1: number;
  /** The wrong label that the class's images get most often. */
  takenFor?: string;
}

export interface Metrics {
  images: number;
  /** Shares, 0 to 1. */
  top1: number;
  top5: number;
  calibrationError: number;
  /** The class with the lowest top1 comes first. */
  classes: ClassMetrics[];
}

const BINS = 15;

/** @param labels the model's labels, in class order */
export function measure(observations: readonly Observation[], labels: readonly string[]): Metrics {
  return {
    images: observations.length,
    top1: share(observations, isRight),
    top5: share(observations, ({ classIndex, predictions }) =>
      predictions.slice(0, 5).some((prediction) => prediction.classIndex === classIndex),
    ),
    calibrationError: calibrationError(observations),
    classes: [...Map.groupBy(observations, ({ classIndex }) => classIndex)]
      .map(([classIndex, ofClass]) => classMetrics(labels[classIndex] ?? '', ofClass))
      .sort((a, b) => a.top1 - b.top1 || a.label.localeCompare(b.label, 'en')),
  };
}

/**
 * Computes the expected calibration error: the mean over all images of the difference between the share of right
 * labels and the mean score in the image's bin. Bin b of 15 contains the scores s with b / 15 < s <= (b + 1) / 15.
 */
export function calibrationError(observations: readonly Observation[]): number {
  const bins = Map.groupBy(observations, (observation) =>
    Math.max(0, Math.ceil(topScore(observation) * BINS) - 1),
  );
  const gaps = [...bins.values()].map((bin) => {
    const meanScore = bin.reduce((sum, observation) => sum + topScore(observation), 0) / bin.length;
    return (bin.length / observations.length) * Math.abs(share(bin, isRight) - meanScore);
  });
  return gaps.reduce((a, b) => a + b, 0);
}

function classMetrics(label: string, observations: readonly Observation[]): ClassMetrics {
  const wrong = observations.filter((observation) => !isRight(observation));
  const [most] = [...Map.groupBy(wrong, ({ predictions }) => predictions[0]?.label ?? '')].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  return {
    label,
    images: observations.length,
    top1: share(observations, isRight),
    ...(most !== undefined && { takenFor: most[0] }),
  };
}

export const isRight = ({ classIndex, predictions }: Observation) =>
  predictions[0]?.classIndex === classIndex;

/** The score of the first label. */
export const topScore = ({ predictions }: Pick<Observation, 'predictions'>) =>
  predictions[0]?.score ?? 0;

const share = (all: readonly Observation[], is: (observation: Observation) => boolean) =>
  all.length === 0 ? 0 : all.filter(is).length / all.length;
