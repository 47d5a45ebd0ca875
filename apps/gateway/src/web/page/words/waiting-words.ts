import type { Fleet } from '../network/api-types.ts';
import { isDelayed } from '../state/rows.ts';
import { isKeyMissing, openBatches, type Range, type Row, type State } from '../state/state.ts';
import { countRows } from './counts.ts';
import { duration, durationRange, megabytes, plural } from './numbers.ts';

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

function rangeOf(state: State): Range | undefined {
  const known = openBatches(state).flatMap(([, { range }]) => range ?? []);
  if (known.length === 0) return state.fleetRange;
  return {
    lowAt: Math.max(...known.map(({ lowAt }) => lowAt)),
    highAt: Math.max(...known.map(({ highAt }) => highAt)),
  };
}
