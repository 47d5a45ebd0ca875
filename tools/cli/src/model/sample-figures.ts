import { postprocess, type ModelOutput } from '@labelfleet/inference/model-tools';

/** What a model makes of the sample images when they are brought to it in one way. */
export interface SampleFigures {
  /** How many of the images are of a class that the model has. */
  known: number;
  /** How many of those it names right. */
  right: number;
  /** The mean score of its first label, 0 to 1. */
  certainty: number;
  /** How far its values differ from image to image, as a share of how far they differ from class to class. */
  spread: number;
}

/**
 * @param rows the network's own output for each image
 * @param names what each image shows
 * @returns undefined where the network gave what is no number
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

/** Lists of classes have one word, several with commas, underscores for spaces, an id before it, or the plural. */
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

/** Probabilities close to 0 and 1 hide how much they differ; their logarithms are logits but for a constant. */
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
