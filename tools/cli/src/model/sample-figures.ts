import { postprocess, type ModelOutput } from '@labelfleet/inference/model-tools';

/** Measures of a model's output for the sample images with one preprocessing. */
export interface SampleFigures {
  /** The number of images whose class the model has. */
  known: number;
  /** The number of those that it labels right. */
  right: number;
  /** The mean score of its first label, 0 to 1. */
  certainty: number;
  /** The deviation of the output between images, divided by its deviation between classes. */
  spread: number;
}

/**
 * @param rows the network's raw output for each image
 * @param names the right label of each image
 * @returns undefined if the output contains values that are not finite numbers
 */
export function sampleFigures(
  rows: readonly Float32Array[],
  names: readonly string[],
  output: ModelOutput,
  labels: readonly string[],
): SampleFigures | undefined {
  if (!rows.every((row) => row.every(Number.isFinite))) return undefined;
  const tops = rows.flatMap((row) => postprocess(row, output, labels, 1));
  const isKnown = names.map((name) => labels.some((label) => isNamed(label, name)));
  return {
    known: isKnown.filter(Boolean).length,
    right: names.filter((name, at) => isNamed(tops[at]?.label ?? '', name)).length,
    certainty: mean(tops.map(({ score }) => score)),
    spread: spreadOf(rows.map((row) => asLogits(row, output.kind))),
  };
}

/** True if a label means the name. Labels may have synonyms after commas, underscores, a leading id, or a plural. */
export function isNamed(label: string, name: string): boolean {
  return label
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/^n\d{8} /, '')
    .split(',')
    .map((word) => word.trim())
    .some((word) =>
      ['', 's', 'es'].some((ending) => word === name + ending || word + ending === name),
    );
}

/** Converts probabilities to logits, up to a constant, because probabilities near 0 and 1 hide their differences. */
const asLogits = (row: Float32Array, kind: ModelOutput['kind']): number[] =>
  Array.from(row, (value) => (kind === 'logits' ? value : Math.log(Math.max(value, 1e-12))));

function spreadOf(rows: readonly number[][]): number {
  const centred = rows.map((row) => {
    const middle = mean(row);
    return row.map((value) => value - middle);
  });
  const classes = (centred[0] ?? []).map((_, at) => centred.map((row) => row[at] ?? 0));
  const withinImages = mean(centred.flat().map((value) => value ** 2));
  const betweenImages = mean(
    classes.map((values) => {
      const middle = mean(values);
      return mean(values.map((value) => (value - middle) ** 2));
    }),
  );
  return withinImages === 0 ? 0 : Math.sqrt(betweenImages / withinImages);
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
