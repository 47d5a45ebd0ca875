import type { ModelIdentity } from '@labelfleet/contracts';
import type { Metrics } from './metrics.ts';

export interface Evaluation extends Metrics {
  model: Pick<ModelIdentity, 'name' | 'version' | 'sha256'>;
  /** How many images could not be classified; no other metric includes them. */
  failed: number;
  threads: number;
  imagesPerSecond: number;
}

const WORST = 10;

export function formatEvaluation(evaluation: Evaluation): string[] {
  const { model, images, failed, top1, top5, calibrationError, classes } = evaluation;
  const { imagesPerSecond, threads } = evaluation;
  const labelWidth = Math.max(...classes.slice(0, WORST).map(({ label }) => label.length));
  return [
    `model              ${model.name} ${model.version}`,
    `images             ${images} of ${classes.length} classes${failed > 0 ? `, and ${failed} that could not be classified` : ''}`,
    `top-1              ${percent(top1)}`,
    `top-5              ${percent(top5)}`,
    `calibration error  ${calibrationError.toFixed(3)} (15 bins)`,
    `images per second  ${imagesPerSecond.toFixed(0)} (${threads} ${threads === 1 ? 'thread' : 'threads'})`,
    'worst classes',
    ...classes.slice(0, WORST).map(({ label, top1, takenFor }) => {
      const instead = takenFor === undefined ? '' : `  otherwise most often ${takenFor}`;
      return `  ${label.padEnd(labelWidth)}  ${percent(top1).padStart(7)}${instead}`;
    }),
  ];
}

const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
