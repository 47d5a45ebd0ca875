import type { BatchItem, Problem } from '../network/api-types.ts';
import { failureOf } from './failure.ts';
import type { Failure, KeptRow, NewRow, Row } from './state.ts';

export const canRetry = (row: Row): boolean =>
  row.phase === 'failed' && row.hasFile && row.failure?.canRetry === true;

/** True if its upload got no answer and is tried again later. */
export const isDelayed = ({ phase, notBefore }: Row): boolean =>
  phase === 'unsent' && notBefore > 0;

/** Why a request that the gateway does not know has no label. */
export const MISSING: Failure = {
  title: 'Result not found',
  detail: 'The gateway has no such request. Send the image again.',
  canRetry: true,
};

export function newRow({ failure, ...row }: NewRow): Row {
  const base = { ...row, sent: 0, tries: 0, notBefore: 0, hasFile: true };
  return failure === undefined
    ? { ...base, phase: 'unsent' }
    : { ...base, phase: 'failed', failure };
}

export function restoredRow({ hasFile, requestId, batchId, thumbnail, ...row }: KeptRow): Row {
  return {
    ...newRow(row),
    hasFile,
    ...(thumbnail !== undefined && { thumbnail }),
    ...(requestId !== undefined && { requestId, phase: 'queued', sent: 1, acceptedAt: 0 }),
    ...(batchId !== undefined && { batchId }),
    // A refused request of a batch has an id, and its failure comes with the batch.
    ...(row.failure !== undefined && { phase: 'failed', failure: row.failure }),
  };
}

/** The row with a result, if the answer has one. A completed row stays as it is. */
export function completed(row: Row, answer: Omit<BatchItem, 'index'>): Row {
  if (row.phase === 'succeeded' || row.phase === 'failed') return row;
  switch (answer.status) {
    case 'queued':
      return row;
    case 'succeeded':
      return { ...row, phase: 'succeeded', result: { ...answer, id: answer.id ?? '' } };
    case 'failed':
    case 'canceled': {
      const result = answer.id === undefined ? {} : { result: { ...answer, id: answer.id } };
      return { ...failed(row, answer.problem), ...result };
    }
  }
}

export const failed = (row: Row, problem: Problem | undefined): Row => ({
  ...row,
  phase: 'failed',
  failure: failureOf(problem),
});

export function retried(row: Row, key: string | undefined): Row {
  if (key === undefined) return row;
  const { id, name, size, thumbnail } = row;
  return { ...newRow({ id, key, name, size }), ...(thumbnail !== undefined && { thumbnail }) };
}
