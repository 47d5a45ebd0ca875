import { inColumns } from '../in-columns.ts';
import { mean } from '../statistics.ts';
import { predict } from './predict.ts';
import type { Recording } from './recording.ts';
import { summarisePredicted, summariseReal, type Figures } from './summarise-run.ts';

const ROWS = [
  ['instance-seconds', ({ instanceSeconds }: Figures) => instanceSeconds, 1],
  ['median wait, s', ({ waitP50 }) => waitP50, 2],
  ['p95 wait, s', ({ waitP95 }) => waitP95, 2],
  ['launches', ({ launches }) => launches, 1],
  ['peak', ({ peak }) => peak, 1],
] as const satisfies readonly (readonly [string, (figures: Figures) => number, number])[];

/** A measured and predicted quantity of a run. */
export interface Row {
  figure: string;
  real: number;
  /** The mean, the lowest and the highest of the predictions. */
  predicted: number;
  from: number;
  to: number;
  /** Relative error of the prediction; infinite if the measured value is 0. */
  differencePercent: number;
  digits: number;
}

/** Predicts a recorded run and compares it with the prediction. */
export const comparePrediction = (recording: Recording): Row[] =>
  compareFigures(summariseReal(recording), summarisePredicted(predict(recording)));

export function compareFigures(real: Figures, predicted: readonly Figures[]): Row[] {
  return ROWS.map(([figure, value, digits]) => {
    const values = predicted.map(value);
    const expected = mean(values);
    return {
      figure,
      real: value(real),
      predicted: expected,
      from: Math.min(...values),
      to: Math.max(...values),
      differencePercent: difference(value(real), expected),
      digits,
    };
  });
}

/** A Markdown table that is readable in a terminal too. */
export function formatComparison(name: string, rows: readonly Row[]): string {
  const lines = [
    [name, 'real', 'predicted', 'from', 'to', 'difference'],
    ...rows.map(({ figure, real, predicted, from, to, differencePercent, digits }) => [
      figure,
      ...[real, predicted, from, to].map((value) => value.toFixed(digits)),
      `${differencePercent >= 0 ? '+' : ''}${differencePercent.toFixed(1)} %`,
    ]),
  ];
  const cells = inColumns(lines);
  const formatted = cells.map((line) => `| ${line.join(' | ')} |`);
  const rules = (cells[0] ?? []).map(({ length }, column) =>
    column === 0 ? '-'.repeat(length) : `${'-'.repeat(length - 1)}:`,
  );
  const rule = `| ${rules.join(' | ')} |`;
  return [formatted[0], rule, ...formatted.slice(1)].join('\n');
}

const difference = (real: number, predicted: number): number =>
  predicted === real ? 0 : 100 * (predicted / real - 1);
