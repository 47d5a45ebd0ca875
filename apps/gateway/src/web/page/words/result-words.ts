import type { Classification, Model, Prediction } from '../network/api-types.ts';
import type { Row } from '../state/state.ts';
import { percent } from './numbers.ts';

/** A label is shown as sure if labels of this score are right so often, on images of what the model knows. */
const SURE_PRECISION = 0.9;
/** For a model whose scores were never compared with its mistakes. */
const SURE_WITHOUT_CALIBRATION = 0.6;

/**
 * The lowest score of a sure label: from there on, labels are right often enough. The highest scores may have too few
 * images to tell.
 */
export function sureScore(model: Model | undefined): number {
  if (model?.calibration === undefined) return SURE_WITHOUT_CALIBRATION;
  const { thresholds } = model.calibration;
  const isPrecise = ({ precisionAtLeast }: { precisionAtLeast: number }) =>
    precisionAtLeast >= SURE_PRECISION;
  const highest = thresholds.findLastIndex(isPrecise);
  const below = thresholds.slice(0, highest + 1).findLastIndex((one) => !isPrecise(one));
  return highest === -1 ? Infinity : (thresholds[below + 1]?.score ?? Infinity);
}

export interface ResultWords {
  headline: string;
  isSure: boolean;
  /** The score that is shown next to a sure label. */
  score: string;
}

/** How a result is shown: a sure label with its score, or what it could be. */
export function resultWords(
  { label, predictions = [] }: Pick<Classification, 'label' | 'predictions'>,
  threshold: number,
): ResultWords {
  const [first] = predictions;
  if (first !== undefined && typeof label === 'string' && first.score >= threshold)
    return { headline: label, isSure: true, score: percent(first.score) };
  const could = shown(predictions).slice(0, 2);
  const words = could.map(({ label, score }) => `${label} ${percent(score)}`).join(', ');
  return {
    headline: words === '' ? (label ?? 'Unknown') : `Not sure: ${words}`,
    isSure: false,
    score: '',
  };
}

/** "44 ms (queued 12, fetch 4, decode 3, model 21)". */
export function timesWords(timings: NonNullable<Classification['timings']>): string {
  const { totalMs, queuedMs, fetchMs, decodeMs, inferMs } = timings;
  const [total, ...parts] = [totalMs, queuedMs, fetchMs, decodeMs, inferMs].map(Math.round);
  const [queued, fetched, decoded, inferred] = parts;
  return `${total} ms (queued ${queued}, fetch ${fetched}, decode ${decoded}, model ${inferred})`;
}

const MIN_SHOWN_SCORE = 0.01;

/** At most five predictions, without those under 1 %. */
export const shown = (predictions: readonly Prediction[]): Prediction[] =>
  predictions.slice(0, 5).filter(({ score }) => score >= MIN_SHOWN_SCORE);

/** The text of a row without a result. */
export function phaseWords(row: Row, now: number): string {
  switch (row.phase) {
    case 'unsent':
      return row.notBefore > now ? 'Not sent yet, trying again' : 'Waiting to be sent';
    case 'sending':
      return row.sent < 1 ? `Sending, ${percent(row.sent)}` : 'Sent';
    case 'queued':
      return 'Waiting for a worker';
    case 'succeeded':
    case 'failed':
      return '';
  }
}
