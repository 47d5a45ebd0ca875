import { markdownTable } from '../markdown-table.ts';
import { mean, rankOf } from '../statistics.ts';
import type { RunResult } from '../types.ts';
import { predict } from './predict.ts';
import type { Recording } from './recording.ts';

/** The compared quantities of a measured or predicted run. */
export interface Figures {
  /** Of all instances, from launch to end or to the end of the window. */
  instanceSeconds: number;
  waitP50: number;
  waitP95: number;
  launches: number;
  peak: number;
}

const ROWS: readonly (readonly [title: string, figure: keyof Figures, digits: number])[] = [
  ['instance-seconds', 'instanceSeconds', 1],
  ['median wait, s', 'waitP50', 2],
  ['p95 wait, s', 'waitP95', 2],
  ['launches', 'launches', 1],
  ['peak', 'peak', 1],
];

/** Predicts a recorded run. @returns a table of what was measured and predicted */
export const comparePrediction = (recording: Recording): string =>
  compareFigures(recording.name, measuredFigures(recording), predict(recording).map(figuresOf));

/** Shows the mean, the lowest and the highest prediction, and how far the mean is from the measured value. */
export const compareFigures = (
  name: string,
  real: Figures,
  predicted: readonly Figures[],
): string =>
  markdownTable(
    [name, 'real', 'predicted', 'from', 'to', 'difference'],
    ROWS.map(([title, figure, digits]) => {
      const values = predicted.map((run) => run[figure]);
      const shown = [real[figure], mean(values), Math.min(...values), Math.max(...values)];
      return [
        title,
        ...shown.map((value) => value.toFixed(digits)),
        difference(real[figure], mean(values)),
      ];
    }),
  );

export function measuredFigures({ images, instances, windowSeconds }: Recording): Figures {
  const lives = instances
    .filter(({ launchedAt }) => launchedAt < windowSeconds)
    .map(({ launchedAt, endedAt }) => ({
      from: launchedAt,
      to: Math.min(endedAt ?? windowSeconds, windowSeconds),
    }));
  const alive = (at: number) => lives.filter(({ from, to }) => from <= at && at < to).length;
  const waits = images.map(({ waitSeconds }) => waitSeconds);
  return {
    instanceSeconds: lives.reduce((sum, { from, to }) => sum + to - from, 0),
    waitP50: rankOf(waits, 0.5),
    waitP95: rankOf(waits, 0.95),
    launches: lives.length,
    // A peak is reached at a launch.
    peak: Math.max(0, ...lives.map(({ from }) => alive(from))),
  };
}

const figuresOf = ({ instanceSeconds, waits, launches, peak }: RunResult): Figures => {
  return { instanceSeconds, waitP50: waits.p50, waitP95: waits.p95, launches, peak };
};

/** The error of a prediction in per cent of the measured value. */
function difference(real: number, predicted: number): string {
  const percent = predicted === real ? 0 : 100 * (predicted / real - 1);
  return `${percent >= 0 ? '+' : ''}${percent.toFixed(1)} %`;
}
