import { inputRange, lacksSpread, type ModelInput } from '@labelfleet/inference/model-tools';
import type { SampleFigures } from './sample-figures.ts';

/** The smallest number of sample images with a class in the model from which labels can be judged. */
const MIN_KNOWN = 3;

/** A lower spread means nearly the same output for every image. Measured: 0.002 to 0.02 then, and 0.3 to 0.9 otherwise. */
const MIN_SPREAD = 0.1;

/** Two preprocessings whose certainties differ by less than this count as equally good. */
const SAME_CERTAINTY = 0.02;

export interface Tried {
  /** The options of `model add` that select it. */
  options: string;
  input: ModelInput;
  figures: SampleFigures;
}

/** True if other preprocessings are worth trying. */
export function isSuspicious(input: ModelInput, figures: SampleFigures): boolean {
  return figures.known >= MIN_KNOWN
    ? figures.right < figures.known - 1
    : lacksSpread(input) || figures.spread < MIN_SPREAD;
}

/**
 * Judges whether a model gets the preprocessing it was trained with, by its output for the sample images with this and
 * with other preprocessings.
 * @returns why the preprocessing is probably wrong and what to do, in sentences; undefined if it is not
 */
export function doubtOf(
  input: ModelInput,
  figures: SampleFigures,
  tried: readonly Tried[],
): string | undefined {
  if (!isSuspicious(input, figures)) return undefined;
  return figures.known >= MIN_KNOWN
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
  const problem = lacksSpread(input)
    ? `Black and white images are nearly the same to it: pixels from 0 to 255 become ${short(low)} to ${short(high)}, which is a range without spread.`
    : `Its output is nearly the same for every sample image (spread ${spread.toFixed(3)}).`;
  const usable = tried.filter((one) => !lacksSpread(one.input) && one.figures.spread >= MIN_SPREAD);
  const best = bestOf(usable, ({ figures }) => figures.certainty);
  const advice =
    best === undefined
      ? 'No preset is better. Ask its publisher for the preprocessing.'
      : `Its scores are highest with ${best.options} (mean ${best.figures.certainty.toFixed(2)}). If it was trained with that, add it again with these options.`;
  return `${problem} ${advice}`;
}

/** Returns the first of those that are as good as the best within SAME_CERTAINTY. */
function bestOf(tried: readonly Tried[], worth: (one: Tried) => number): Tried | undefined {
  const most = Math.max(...tried.map(worth));
  return tried.find((one) => worth(one) >= most - SAME_CERTAINTY);
}

const short = (value: number) => String(Number(value.toPrecision(3)));
