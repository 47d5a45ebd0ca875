import { endWords } from '../jobs/job-words.ts';
import { isKeyMissing, type Row, type State } from '../state/state.ts';
import { plural } from './numbers.ts';

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
  const { rows, jobs } = state;
  const images = rows.length === 0 ? '' : summary(state);
  if (isKeyMissing(state)) return images && 'The gateway asks for an API key.';
  return [images, jobs?.ended ? endWords(jobs.ended) : ''].filter((part) => part !== '').join('. ');
}
