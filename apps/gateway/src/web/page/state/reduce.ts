import { reduceJobs } from '../jobs/jobs-state.ts';
import type { BatchItem, Classification } from '../network/api-types.ts';
import { earlier, without, withoutRanges } from './ranges.ts';
import {
  canRetry,
  completed,
  failed,
  isDelayed,
  MISSING,
  newRow,
  restoredRow,
  retried,
} from './rows.ts';
import { isKeyMissing, type BatchState, type Event, type Row, type State } from './state.ts';

/** The next state of the page. Rows that do not change stay the same objects. */
export function reduce(state: State, event: Event): State {
  switch (event.kind) {
    case 'added':
      return {
        ...withoutRanges(state),
        rows: [...state.rows, ...event.rows.map(newRow)],
        notice: '',
      };
    case 'restored':
      return {
        ...state,
        rows: [...state.rows, ...event.rows.map(restoredRow)],
        batches: {
          ...state.batches,
          ...Object.fromEntries(
            [...event.batchIds, ...event.rows.flatMap(({ batchId }) => batchId ?? [])].map(
              (id): [string, BatchState] => [id, { completed: false }],
            ),
          ),
        },
      };
    case 'upload-started':
      return change(state, event.id, 'unsent', (row) => ({ ...row, phase: 'sending', sent: 0 }));
    case 'upload-progressed':
      return change(state, event.id, 'sending', (row) => ({ ...row, sent: event.sent }));
    case 'upload-accepted':
      return change(state, event.id, 'sending', (row) =>
        completed(
          {
            ...row,
            phase: 'queued',
            sent: 1,
            requestId: event.answer.id,
            acceptedAt: event.at,
          },
          event.answer,
        ),
      );
    case 'upload-refused':
      return change(state, event.id, 'sending', (row) => failed(row, event.problem));
    case 'upload-unanswered':
      return change(state, event.id, 'sending', (row) => ({
        ...row,
        phase: 'unsent',
        sent: 0,
        tries: row.tries + 1,
        notBefore: event.notBefore,
      }));
    case 'gathered': {
      const ids = new Set(event.ids);
      const gathered = changeAll(state, (row) => ids.has(row.id), inBatch(event.batchId));
      // The answer may come after the list was cleared.
      return gathered === state
        ? state
        : { ...gathered, batches: { ...state.batches, [event.batchId]: { completed: false } } };
    }
    case 'gathering-refused': {
      const ids = new Set(event.ids);
      return changeAll(
        state,
        (row) => ids.has(row.id),
        // A completed row keeps its result, and is only not part of the link.
        (row) => ({
          ...(row.phase === 'queued' ? failed(row, event.problem) : row),
          batchId: NO_BATCH,
        }),
      );
    }
    case 'batch-read': {
      const { batch, at } = event;
      const read = batch.items.reduce((sum, item) => withItem(sum, batch.id, item), state);
      return progressed(read, batch.id, batch, at, batch.status === 'completed');
    }
    case 'batch-progressed':
      return progressed(state, event.batchId, event.progress, event.at, false);
    case 'item-completed':
      return withItem(state, event.batchId, event.item);
    case 'batch-done':
      return event.batchId in state.batches
        ? { ...state, batches: { ...state.batches, [event.batchId]: { completed: true } } }
        : state;
    case 'batch-missing':
      if (!(event.batchId in state.batches)) return state;
      return {
        ...changeAll(
          state,
          (row) => row.batchId === event.batchId && row.phase === 'queued',
          (row) => ({ ...row, phase: 'failed', failure: MISSING }),
        ),
        batches: { ...state.batches, [event.batchId]: { completed: true } },
        notice: 'The gateway knows nothing (any more) about images of this link.',
      };
    case 'troubled':
      return state.trouble === event.trouble ? state : { ...state, trouble: event.trouble };
    case 'reached':
      return state.trouble === undefined ? state : without(state, 'trouble');
    case 'hurried':
      return changeAll(state, isDelayed, atOnce);
    case 'key-refused':
      return isKeyMissing(state)
        ? state
        : { ...state, apiKey: state.apiKey === 'entered' ? 'refused' : 'needed' };
    case 'key-entered':
      return { ...state, apiKey: 'entered' };
    case 'fleet-read': {
      if (event.fleet === undefined) return without(state, 'fleet');
      const seconds = event.fleet.stale ? null : event.fleet.estimatedWaitSeconds;
      const range =
        seconds === null
          ? state.fleetRange
          : earlier(state.fleetRange, event.at, { lowSeconds: seconds, highSeconds: seconds });
      return { ...state, fleet: event.fleet, ...(range && { fleetRange: range }) };
    }
    case 'model-read':
      return { ...state, model: event.model };
    case 'thumbnail-made':
      return changeAll(
        state,
        (row) => row.id === event.id,
        (row) => ({ ...row, thumbnail: event.url }),
      );
    case 'retried':
      return changeAll(withoutRanges(state), canRetry, (row) => retried(row, event.keys[row.id]));
    case 'filtered':
      return { ...state, filter: event.filter };
    case 'noticed':
      return { ...state, notice: event.notice };
    case 'cleared':
      return { ...withoutRanges(state), rows: [], batches: {}, filter: 'all', notice: '' };
    case 'jobs-read':
    case 'job-read':
    case 'job-answered':
    case 'job-noted':
      return { ...state, jobs: reduceJobs(state.jobs, event) };
  }
}

/** The batch of rows that the gateway does not gather. */
const NO_BATCH = '';

function withItem(state: State, batchId: string, item: BatchItem): State {
  // The last events of a batch may come after the list was cleared.
  if (!(batchId in state.batches)) return state;
  const rowId = `${batchId}-${item.index}`;
  const ours = (row: Row) =>
    row.id === rowId || (item.id !== undefined && row.requestId === item.id);
  const known = state.rows.find(ours);
  if (known !== undefined) {
    const next = completed(known, item);
    return next === known
      ? state
      : { ...state, rows: state.rows.map((row) => (row === known ? next : row)) };
  }
  const row: Row = {
    ...newRow({ id: rowId, key: '', name: item.fileName ?? `Image ${item.index + 1}`, size: 0 }),
    phase: 'queued',
    sent: 1,
    hasFile: false,
    batchId,
    ...(item.id !== undefined && { requestId: item.id }),
  };
  return { ...state, rows: [...state.rows, completed(row, item)] };
}

function progressed(
  state: State,
  batchId: string,
  { estimatedWait }: Pick<Classification, 'estimatedWait'>,
  at: number,
  isCompleted: boolean,
): State {
  const before = state.batches[batchId];
  if (before === undefined) return state;
  const range = estimatedWait ? earlier(before.range, at, estimatedWait) : before.range;
  const next: BatchState = {
    completed: isCompleted,
    ...(range && { range }),
    ...(estimatedWait && { basis: estimatedWait.basis }),
  };
  return { ...state, batches: { ...state.batches, [batchId]: next } };
}

const inBatch =
  (batchId: string) =>
  (row: Row): Row => ({ ...row, batchId });
const atOnce = (row: Row): Row => ({ ...row, notBefore: 0 });

const change = (state: State, id: string, phase: Row['phase'], next: (row: Row) => Row): State =>
  changeAll(state, (row) => row.id === id && row.phase === phase, next);

function changeAll(state: State, which: (row: Row) => boolean, next: (row: Row) => Row): State {
  return state.rows.some(which)
    ? { ...state, rows: state.rows.map((row) => (which(row) ? next(row) : row)) }
    : state;
}
