import {
  resultInShort,
  withoutAttempt,
  withAttempt,
  type AttemptRecord,
  type RequestMessage,
  type RecordedAttempt,
  type StoredResult,
} from '@labelfleet/contracts';
import { isNoAttempt, judgeOutcome, type AttemptOutcome } from '@labelfleet/worker/protocol';
import type { Answer, RequestState } from './state.ts';

/*
 * Converts the model's state into the arguments of the product's functions. The model has no time; what it leaves out
 * does not affect their decisions.
 */

export const NOW = Date.parse('2026-01-01T00:00:00Z');
/** A time at which every attempt has ended. */
export const MUCH_LATER = NOW + 86_400_000;

const at = (unixMs: number) => new Date(unixMs).toISOString();
const PASSED = at(NOW - 1000);
const STARTED = at(NOW - 60_000);
const NOT_OVER = at(NOW + 1000);

const startOf = (nonce: string, over: boolean): RecordedAttempt => ({
  nonce,
  worker: 'i-1',
  at: STARTED,
  endsAt: over ? PASSED : NOT_OVER,
});

/** The nonce of a dead worker's attempt. */
export const GONE = '-';

/** The current record. An attempt has ended when its worker has, or was stopped for longer than an attempt may take. */
export function recordOf({ record, workers }: RequestState): AttemptRecord {
  const mayAnswer = (nonce: string) =>
    workers.some(
      (worker) =>
        worker.nonce === nonce &&
        (worker.at === 'recorded' ||
          (!worker.lapsed && (worker.at === 'working' || worker.at === 'labelled'))),
    );
  return { v: 1, attempts: record.map((nonce) => startOf(nonce, !mayAnswer(nonce))) };
}

const noncesOf = ({ attempts }: AttemptRecord): string[] =>
  attempts.map(({ nonce }) => nonce).sort();
const asRecord = (nonces: readonly string[]): AttemptRecord => ({
  v: 1,
  attempts: nonces.map((nonce) => startOf(nonce, false)),
});

export const added = (record: readonly string[], nonce: string): string[] =>
  noncesOf(withAttempt(asRecord(record), startOf(nonce, false)));

export const removed = (record: readonly string[], nonce: string): string[] =>
  noncesOf(withoutAttempt(asRecord(record), nonce));

export const requestOf = (state: Pick<RequestState, 'deadlinePassed'>): RequestMessage => ({
  v: 1,
  requestId: '019b76da-a800-7000-8000-000000000000',
  imageKey: 'image',
  topK: 1,
  submittedAt: STARTED,
  ...(state.deadlinePassed && { deadlineAt: PASSED }),
});

export const answerOf = (result: StoredResult): Answer =>
  result.status === 'succeeded' ? 'label' : asAnswer(resultInShort(result));

function asAnswer(code: string): Answer {
  if (
    code !== 'attempts-exhausted' &&
    code !== 'image-missing' &&
    code !== 'deadline-exceeded' &&
    code !== 'canceled'
  )
    throw new Error(`the model does not have the problem ${code}`);
  return code;
}

export const CLASSIFIED: AttemptOutcome = {
  ...{ kind: 'classified', predictions: [{ label: 'label', score: 1, classIndex: 0 }] },
  ...{ fetchMs: 1, decodeMs: 1, inferMs: 1 },
};

/** The effect of an ended attempt on its message and on the record. */
export function conclude(outcome: AttemptOutcome, state: RequestState) {
  const verdict = judgeOutcome(outcome, {
    request: requestOf(state),
    receiveCount: 1,
    earlierAttempts: state.record.length,
    receivedAt: NOW,
    now: NOW,
    worker: 'i-1',
    model: { name: 'model', version: '1', sha256: '' },
    random: 0,
    calibration: undefined,
    cost: undefined,
  });
  return {
    answer: verdict.kind === 'complete' ? answerOf(verdict.result) : undefined,
    withdraws: isNoAttempt(outcome),
  };
}
