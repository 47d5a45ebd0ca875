import type { Classified } from '@labelfleet/inference';

/** One picture: the class it is of, and what the model made of it (five predictions, or all). */
export interface Observation {
  classIndex: number;
  predictions: Classified['predictions'];
}

interface ClassFigures {
  label: string;
  images: number;
  /** Share of its pictures whose first label is right, 0 to 1. */
  top1: number;
  /** The label that its other pictures most often get instead. */
  takenFor?: string;
}

export interface Figures {
  images: number;
  /** Shares, 0 to 1. */
  top1: number;
  top5: number;
  calibrationError: number;
  /** Worst first. */
  classes: ClassFigures[];
}

const BINS = 15;

/** @param labels the model's, in class order */
export function measure(observations: readonly Observation[], labels: readonly string[]): Figures {
  return {
    images: observations.length,
    top1: share(observations, isRight),
    top5: share(observations, ({ classIndex, predictions }) =>
      predictions.slice(0, 5).some((prediction) => prediction.classIndex === classIndex),
    ),
    calibrationError: calibrationError(observations),
    classes: [...Map.groupBy(observations, ({ classIndex }) => classIndex)]
      .map(([classIndex, ofClass]) => classFigures(labels[classIndex] ?? '', ofClass))
      .sort((a, b) => a.top1 - b.top1 || a.label.localeCompare(b.label, 'en')),
  };
}

/**
 * Expected calibration error: the mean over all pictures of how far their bin's share of right labels is
 * from its mean score. Bin b of 15 holds the scores over b / 15, up to and with (b + 1) / 15.
 */
export function calibrationError(observations: readonly Observation[]): number {
  const bins = Map.groupBy(observations, (observation) =>
    Math.max(0, Math.ceil(score(observation) * BINS) - 1),
  );
  const gaps = [...bins.values()].map((bin) => {
    const meanScore = bin.reduce((sum, observation) => sum + score(observation), 0) / bin.length;
    return (bin.length / observations.length) * Math.abs(share(bin, isRight) - meanScore);
  });
  return gaps.reduce((a, b) => a + b, 0);
}

function classFigures(label: string, observations: readonly Observation[]): ClassFigures {
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

const isRight = ({ classIndex, predictions }: Observation) =>
  predictions[0]?.classIndex === classIndex;

const score = ({ predictions }: Observation) => predictions[0]?.score ?? 0;

const share = (all: readonly Observation[], is: (observation: Observation) => boolean) =>
  all.length === 0 ? 0 : all.filter(is).length / all.length;
