import type { Classification, Fleet, Model, Prediction } from '../network/api-types.ts';
import { megabytes } from '../state/failure.ts';
import { isKeyMissing, openBatches, type Range, type Row, type State } from '../state/state.ts';

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** "4 s", "2 min", "3 h". */
export function duration(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1000), 0);
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** The number and its sign stay on one line. */
export const percent = (score: number): string =>
  score > 0.995 && score < 1 ? '>\u00a099\u00a0%' : `${Math.round(score * 100)}\u00a0%`;

/** Two significant digits: $0.023, $1.5, $120. */
export const dollars = (usd: number): string =>
  `$${usd >= 100 ? Math.round(usd) : Number(usd.toPrecision(2))}`;

export interface Counts {
  total: number;
  done: number;
  waiting: number;
  failed: number;
}

export function countRows(rows: readonly Row[]): Counts {
  const done = rows.filter(({ phase }) => phase === 'succeeded').length;
  const failed = rows.filter(({ phase }) => phase === 'failed').length;
  return { total: rows.length, done, failed, waiting: rows.length - done - failed };
}

/** The title of the tab. */
export function title({ rows }: State): string {
  const { total, done, failed } = countRows(rows);
  return total === 0 ? 'labelfleet' : `(${done + failed}/${total}) labelfleet`;
}

export function summary({ rows }: State): string {
  const { total, done, failed } = countRows(rows);
  const and = failed > 0 ? `, ${failed} failed` : '';
  return `${done} of ${plural(total, 'image')} classified${and}`;
}

/** What a screen reader says. */
export function announcement(state: State): string {
  if (state.rows.length === 0) return '';
  return isKeyMissing(state) ? 'The gateway asks for an API key.' : summary(state);
}

/** What is going on with the images that have no result, and until when; empty if there are none. */
export function waitingSentence(state: State, now: number): string {
  const { waiting } = countRows(state.rows);
  if (waiting === 0) return '';
  if (isKeyMissing(state)) return 'The images wait for an API key.';
  return [
    troubleSentence(state, now),
    uploadSentence(state.rows),
    basisOf(state) ?? fleetSentence(state.fleet, now),
    rangeSentence(state, now),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function troubleSentence({ trouble, rows }: State, now: number): string {
  const next = Math.min(...rows.filter(isDelayed).map(({ notBefore }) => notBefore));
  const again =
    next > now && next < Infinity ? `Trying again in ${duration(next - now)}.` : 'Trying again.';
  if (trouble === undefined) return '';
  switch (trouble) {
    case 'offline':
      return 'This browser is offline. No image is lost; this goes on when the connection is back.';
    case 'no answer':
      return `The gateway does not answer. No image is lost. ${again}`;
    case 'not the gateway':
      return `Something between this browser and the gateway answers in its place. No image is lost. ${again}`;
  }
}

const isDelayed = ({ phase, notBefore }: Row) => phase === 'unsent' && notBefore > 0;

function uploadSentence(rows: readonly Row[]): string {
  const unsent = rows.filter(({ phase }) => phase === 'unsent' || phase === 'sending');
  if (unsent.length === 0) return '';
  const bytes = unsent.reduce((sum, { size, sent }) => sum + size * (1 - sent), 0);
  const images = plural(unsent.length, 'image');
  return bytes < 1
    ? `${images} sent, and not yet accepted.`
    : `Uploading ${images}, ${megabytes(bytes)} to go.`;
}

export function fleetSentence(fleet: Fleet | undefined, now: number): string {
  if (fleet === undefined) return '';
  if (fleet.stale)
    return `The fleet has been silent for ${duration(now - Date.parse(fleet.at))}. Accepted images are kept and classified when it is back.`;
  const { workers, failedBoots } = fleet;
  const up = workers.idle + workers.busy;
  if (up > 0) {
    const starting = workers.booting > 0 ? `, ${workers.booting} starting` : '';
    return `${plural(up, 'worker is', 'workers are')} up${starting}.`;
  }
  if (failedBoots !== undefined) {
    const { cause, nextLaunchAt } = failedBoots;
    const next =
      workers.booting > 0
        ? bootWords(fleet, now)
        : nextLaunchAt === null
          ? ''
          : `The next try is in ${duration(Date.parse(nextLaunchAt) - now)}.`;
    return `Workers end right after their start (${cause}): ask the operator. ${next}`.trimEnd();
  }
  if (workers.booting > 0) return `No worker is up. ${bootWords(fleet, now)}`;
  return 'No worker is up. One starts as soon as the scaler sees the images.';
}

/** "6 s of about 16". */
export const bootAge = (ageMs: number, usualSeconds: number | null): string =>
  usualSeconds === null
    ? `${duration(ageMs)} so far`
    : `${duration(ageMs)} of about ${Math.round(usualSeconds)}`;

function bootWords(fleet: Fleet, now: number): string {
  const { booting } = fleet.workers;
  const ages = fleet.instances
    .filter(({ state }) => state === 'booting')
    .map(({ since }) => now - Date.parse(since));
  const oldest = Math.max(...ages, 0);
  const who = booting === 1 ? 'One is starting' : `${booting} are starting`;
  const { bootSecondsP50: usual, bootSecondsP95: most } = fleet.learned;
  if (most !== null && oldest > 1000 * most)
    return `${who} (${duration(oldest)}, longer than 95 % of boots).`;
  return `${who} (${bootAge(oldest, usual)}).`;
}

/** The gateway's sentence, once workers are up. Before, the page's own has seconds that go on. */
function basisOf({ fleet, batches }: State): string | undefined {
  if (fleet === undefined || fleet.stale || fleet.workers.idle + fleet.workers.busy === 0)
    return undefined;
  return openBatches({ batches }).at(-1)?.[1].basis;
}

/** When all waiting images have their results. */
function rangeSentence(state: State, now: number): string {
  const { waiting } = countRows(state.rows);
  const images = waiting === 1 ? 'Your image' : `Your ${waiting} images`;
  const range = rangeOf(state);
  if (range === undefined) return '';
  const [low, high] = [range.lowAt - now, range.highAt - now];
  if (high < -1_000) return `This takes longer than expected.`;
  if (high < 1_500) return `${images}: ready any moment.`;
  if (low < 1_000) return `${images}: ready within ${duration(high)}.`;
  return `${images}: ready in ${durationRange(low, high)}.`;
}

/** "about 9 s", "10 to 20 s", "80 s to 3 min". */
export function durationRange(lowMs: number, highMs: number): string {
  const [from, until] = [duration(lowMs), duration(highMs)];
  if (from === until) return `about ${until}`;
  const [number, unit] = from.split(' ');
  return unit === until.split(' ')[1] ? `${number} to ${until}` : `${from} to ${until}`;
}

function rangeOf(state: State): Range | undefined {
  const known = openBatches(state).flatMap(([, { range }]) => range ?? []);
  if (known.length === 0) return state.fleetRange;
  return {
    lowAt: Math.max(...known.map(({ lowAt }) => lowAt)),
    highAt: Math.max(...known.map(({ highAt }) => highAt)),
  };
}

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
