import type { Calibration, ModelIdentity } from '@labelfleet/contracts';
import type { Metrics } from './metrics.ts';
import { precisionTable, type OtherImages, type PrecisionRow } from './precision-table.ts';

export interface Evaluation extends Metrics {
  model: Pick<ModelIdentity, 'name' | 'version' | 'sha256'>;
  /** How many images could not be classified; no other metric includes them. */
  failed: number;
  threads: number;
  imagesPerSecond: number;
  calibration: Calibration;
  /** Absent without `--none-of-these`. */
  others?: OtherImages;
}

const WORST = 10;

export function formatEvaluation(evaluation: Evaluation): string[] {
  const { model, images, failed, top1, top5, calibrationError, classes } = evaluation;
  const { imagesPerSecond, threads, calibration, others } = evaluation;
  const labelWidth = Math.max(...classes.slice(0, WORST).map(({ label }) => label.length));
  return [
    `model              ${model.name} ${model.version}`,
    `images             ${images} of ${classes.length} classes${failed > 0 ? `, and ${failed} that could not be classified` : ''}`,
    `top-1              ${percent(top1)}`,
    `top-5              ${percent(top5)}`,
    `calibration error  ${calibrationError.toFixed(3)} (15 bins)`,
    `images per second  ${imagesPerSecond.toFixed(0)} (${threads} ${threads === 1 ? 'thread' : 'threads'})`,
    ...(others === undefined
      ? []
      : [`other images       ${others.images}, AUROC ${others.auroc.toFixed(3)}`]),
    'demanded precision',
    ...precisionTable(calibration, others).map(formatRow),
    'worst classes',
    ...classes.slice(0, WORST).map(({ label, top1, takenFor }) => {
      const instead = takenFor === undefined ? '' : `  otherwise most often ${takenFor}`;
      return `  ${label.padEnd(labelWidth)}  ${percent(top1).padStart(7)}${instead}`;
    }),
  ];
}

function formatRow(row: PrecisionRow): string {
  const { minPrecision, score, labeled, precision, othersLabeled } = row;
  if (score === undefined || precision === undefined)
    return `  ${minPrecision.toFixed(2)}  no score is that precise: no image gets a label`;
  const others = othersLabeled === undefined ? '' : `, ${percent(othersLabeled)} of other images`;
  return `  ${minPrecision.toFixed(2)}  from score ${score.toFixed(2)}: ${percent(labeled)} get a label${others}; ${percent(precision)} are right`;
}

export const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
