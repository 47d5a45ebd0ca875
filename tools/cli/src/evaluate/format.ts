import type { ModelIdentity } from '@labelfleet/contracts';
import type { Figures } from './metrics.ts';

export interface Evaluation extends Figures {
  model: Pick<ModelIdentity, 'name' | 'version' | 'sha256'>;
  /** Pictures that could not be classified; they count in no other figure. */
  failed: number;
  threads: number;
  imagesPerSecond: number;
}

const WORST = 10;

/** Lines for a person. */
export function formatEvaluation(evaluation: Evaluation): string[] {
  const { model, images, failed, top1, top5, calibrationError, classes } = evaluation;
  const { imagesPerSecond, threads } = evaluation;
  const widest = Math.max(...classes.slice(0, WORST).map(({ label }) => label.length));
  return [
    `model              ${model.name} ${model.version}`,
    `images             ${images} of ${classes.length} classes${failed > 0 ? `, and ${failed} that could not be classified` : ''}`,
    `top-1              ${percent(top1)}`,
    `top-5              ${percent(top5)}`,
    `calibration error  ${calibrationError.toFixed(3)} (15 bins)`,
    `images per second  ${imagesPerSecond.toFixed(0)} (${threads} ${threads === 1 ? 'thread' : 'threads'})`,
    'worst classes',
    ...classes.slice(0, WORST).map(({ label, top1: right, takenFor }) => {
      const instead = takenFor === undefined ? '' : `  otherwise most often ${takenFor}`;
      return `  ${label.padEnd(widest)}  ${percent(right).padStart(7)}${instead}`;
    }),
  ];
}

const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
