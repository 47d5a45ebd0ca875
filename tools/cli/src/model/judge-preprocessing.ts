import { inputRange, lacksSpread, type ModelInput } from '@labelfleet/inference/model-tools';
import type { SampleFigures } from './sample-figures.ts';

/** Fewer images than these that the model has a class for say too little. */
const ENOUGH = 3;

/** Below it, the model makes nearly the same of every image: 0.002 to 0.02 were seen so, and 0.3 to 0.9 otherwise. */
const LEAST_SPREAD = 0.1;

/** Certainties that are closer than this do not tell two ways apart. */
const SAME_CERTAINTY = 0.02;

export interface Tried {
  /** How `model add` is told of it. */
  options: string;
  input: ModelInput;
  figures: SampleFigures;
}

/** True where it is worth trying other ways to bring images to the model. */
export function isSuspicious(input: ModelInput, figures: SampleFigures): boolean {
  return figures.known >= ENOUGH
    ? figures.right < figures.known - 1
    : lacksSpread(input) || figures.spread < LEAST_SPREAD;
}

/**
 * Whether a model is fed what it was trained with, by what it makes of sample images so and in other ways.
 * @returns what speaks against it and what to do, in sentences; undefined where nothing does
 */
export function doubtOf(
  input: ModelInput,
  figures: SampleFigures,
  tried: readonly Tried[],
): string | undefined {
  if (!isSuspicious(input, figures)) return undefined;
  return figures.known >= ENOUGH
    ? doubtByLabels(figures, tried)
    : doubtBySpread(input, figures, tried);
}

function doubtByLabels(
  { known, right }: SampleFigures,
  tried: readonly Tried[],
): string | undefined {
  const best = bestOf(tried, ({ figures }) => figures.right + figures.certainty / 2);
  const bestRight = best?.figures.right ?? 0;
  if (best !== undefined && bestRight >= right + 2) {
    return `It names ${right} of ${known} sample images right, and ${bestRight} with ${best.options}. Add it again with these options.`;
  }
  return right === 0
    ? `It names none of ${known} sample images right, and no preset gets more than ${bestRight} right. Check that the labels are in the order of its classes.`
    : undefined;
}

function doubtBySpread(
  input: ModelInput,
  { spread }: SampleFigures,
  tried: readonly Tried[],
): string {
  const { low, high } = inputRange(input);
  const why = lacksSpread(input)
    ? `Black and white are nearly the same to it: pixels from 0 to 255 become ${short(low)} to ${short(high)}, which is a range without spread.`
    : `It makes nearly the same of every sample image (spread ${spread.toFixed(3)}).`;
  const usable = tried.filter(
    (one) => !lacksSpread(one.input) && one.figures.spread >= LEAST_SPREAD,
  );
  const best = bestOf(usable, ({ figures }) => figures.certainty);
  const advice =
    best === undefined
      ? 'No preset is better: ask its maker how images are brought to it.'
      : `It is surest with ${best.options} (mean score ${best.figures.certainty.toFixed(2)}): if that is how it was trained, add it again so.`;
  return `${why} ${advice}`;
}

/** The first of those that are as good as the best. */
function bestOf(tried: readonly Tried[], worth: (one: Tried) => number): Tried | undefined {
  const most = Math.max(...tried.map(worth));
  return tried.find((one) => worth(one) >= most - SAME_CERTAINTY);
}

const short = (value: number) => String(Number(value.toPrecision(3)));
