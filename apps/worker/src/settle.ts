import {
  makeProblem,
  type FailedResult,
  type ModelIdentity,
  type ProblemCode,
  type RequestMessage,
  type StoredResult,
} from '@labelfleet/contracts';
import type { BadImage, Classified } from '@labelfleet/inference';
import { redeliveryDelaySeconds } from './backoff.ts';

/** How an attempt at an image ended. */
export type Attempt =
  | (Classified & { fetchMs: number })
  | BadImage
  | { kind: 'image-missing' }
  | { kind: 'deadline-passed' }
  /** Store, model or its thread failed, or the attempt took too long: another may do better. */
  | { kind: 'failed'; error: unknown }
  /** Given back on purpose: the worker has to end. */
  | { kind: 'interrupted' }
  /** Others may have the message by now. */
  | { kind: 'lapsed' };

/** What becomes of a message. */
export type Verdict =
  /** Store this result, reply with what then stands, delete the message. */
  | { kind: 'answer'; result: StoredResult }
  /** Make it visible again after this time. */
  | { kind: 'give-back'; delaySeconds: number }
  /** Touch nothing. */
  | { kind: 'leave' };

export interface SettleContext {
  request: RequestMessage;
  /** How often the message has been received, this time included. */
  receiveCount: number;
  /** Unix milliseconds. */
  receivedAt: number;
  /** Unix milliseconds. */
  now: number;
  /** Instance id. */
  worker: string;
  model: ModelIdentity;
  /** 0 to 1. */
  random: number;
}

const PROBLEM_OF_BAD_IMAGE = {
  'unsupported-type': 'unsupported-media-type',
  undecodable: 'invalid-image',
  'too-many-pixels': 'invalid-image',
} as const satisfies Record<BadImage['reason'], ProblemCode>;

export function settle(attempt: Attempt, context: SettleContext): Verdict {
  switch (attempt.kind) {
    case 'classified':
      return { kind: 'answer', result: succeeded(attempt, context) };
    case 'bad-image':
      return failed(PROBLEM_OF_BAD_IMAGE[attempt.reason], attempt.detail, 'started', context);
    case 'image-missing':
      return failed(
        'image-missing',
        `There is no object ${context.request.imageKey} in the input bucket: it was removed before a worker fetched it. Send the image again.`,
        'not-started',
        context,
      );
    case 'deadline-passed':
      return failed(
        'deadline-exceeded',
        `The deadline ${context.request.deadlineAt} passed before a worker could start on the image. Send it again with a later deadline.`,
        'not-started',
        context,
      );
    case 'failed':
      return {
        kind: 'give-back',
        delaySeconds: redeliveryDelaySeconds(context.receiveCount, context.random),
      };
    case 'interrupted':
      return { kind: 'give-back', delaySeconds: 0 };
    case 'lapsed':
      return { kind: 'leave' };
  }
}

export function deadlinePassed(request: RequestMessage, now: number): boolean {
  return request.deadlineAt !== undefined && Date.parse(request.deadlineAt) <= now;
}

function succeeded(attempt: Extract<Attempt, { kind: 'classified' }>, context: SettleContext) {
  const { request, receivedAt, now, model } = context;
  const [best] = attempt.predictions;
  if (best === undefined) throw new Error('the classifier made no prediction');
  // The gateway's clock and this one need not agree.
  const since = (time: number) => Math.max(0, time - Date.parse(request.submittedAt));
  return {
    ...settled(context, context.receiveCount),
    status: 'succeeded',
    label: best.label,
    predictions: attempt.predictions,
    model,
    timings: {
      queuedMs: since(receivedAt),
      fetchMs: attempt.fetchMs,
      decodeMs: attempt.decodeMs,
      inferMs: attempt.inferMs,
      totalMs: since(now),
    },
  } satisfies StoredResult;
}

function failed(
  code: ProblemCode,
  detail: string,
  start: 'started' | 'not-started',
  context: SettleContext,
): Verdict {
  const attempts = start === 'started' ? context.receiveCount : context.receiveCount - 1;
  const result: FailedResult = {
    ...settled(context, attempts),
    status: 'failed',
    problem: makeProblem(code, context.request.requestId, detail),
  };
  return { kind: 'answer', result };
}

function settled({ request, now, worker }: SettleContext, attempts: number) {
  return {
    v: 1 as const,
    id: request.requestId,
    ...(request.fileName !== undefined && { fileName: request.fileName }),
    submittedAt: request.submittedAt,
    settledAt: new Date(now).toISOString(),
    attempts,
    worker,
  };
}
