import {
  ATTEMPTS_EXHAUSTED,
  deadlineExceeded,
  failedResult,
  imageMissing,
  type ImageCost,
  type ModelIdentity,
  type ProblemCode,
  type RequestMessage,
  type AttemptsVerdict,
  type StoredResult,
} from '@labelfleet/contracts';
import { redeliveryDelaySeconds } from './redelivery-delay.ts';
import type { BadImage, Classified } from '@labelfleet/inference';

/** How an attempt at an image ended. */
export type Attempt =
  | (Classified & { fetchMs: number })
  | BadImage
  | { kind: 'image-missing' }
  | { kind: 'deadline-passed'; deadlineAt: string }
  /** The record of starts stands against another (P4). */
  | Exclude<AttemptsVerdict, { kind: 'may-start' }>
  /** Model or process failed, or the attempt took too long: a start without an answer. Another may do better. */
  | { kind: 'failed'; error: unknown }
  /** Store or queue are out of reach for good: no attempt at all (P5). */
  | { kind: 'unreachable'; error: unknown }
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
  /** Starts of others on record. */
  earlierStarts: number;
  /** Unix milliseconds. */
  receivedAt: number;
  /** Unix milliseconds. */
  now: number;
  /** Instance id. */
  worker: string;
  model: ModelIdentity;
  /** What the image has cost so far, where that is known. */
  cost: ImageCost | undefined;
  /** 0 to 1. */
  random: number;
}

const PROBLEM_OF_BAD_IMAGE = {
  'unsupported-type': 'unsupported-media-type',
  undecodable: 'invalid-image',
  'too-many-pixels': 'invalid-image',
  'too-costly': 'invalid-image',
} as const satisfies Record<BadImage['reason'], ProblemCode>;

export function settle(attempt: Attempt, context: SettleContext): Verdict {
  switch (attempt.kind) {
    case 'classified':
      return { kind: 'answer', result: succeeded(attempt, context) };
    case 'bad-image':
      return failed(
        { code: PROBLEM_OF_BAD_IMAGE[attempt.reason], detail: attempt.detail },
        'started',
        context,
      );
    case 'image-missing':
      return failed(imageMissing(context.request), 'not-started', context);
    case 'deadline-passed':
      return failed(deadlineExceeded(attempt.deadlineAt), 'not-started', context);
    case 'exhausted':
      return failed(ATTEMPTS_EXHAUSTED, 'not-started', context);
    case 'too-early':
      return { kind: 'give-back', delaySeconds: asDelaySeconds(attempt.waitMs) };
    case 'failed':
    case 'unreachable':
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

/** Whether a start that ended so has to be taken off the record (P5). */
export function isNoAttempt({ kind }: Attempt): boolean {
  return kind === 'unreachable' || kind === 'interrupted' || kind === 'lapsed';
}

function succeeded(attempt: Extract<Attempt, { kind: 'classified' }>, context: SettleContext) {
  const { request, receivedAt, now, model } = context;
  const [best] = attempt.predictions;
  if (best === undefined) throw new Error('the classifier made no prediction');
  // The gateway's clock and this one need not agree.
  const since = (unixMs: number) => Math.max(0, unixMs - Date.parse(request.submittedAt));
  return {
    v: 1,
    id: request.requestId,
    ...(request.fileName !== undefined && { fileName: request.fileName }),
    submittedAt: request.submittedAt,
    completedAt: new Date(now).toISOString(),
    attempts: context.earlierStarts + 1,
    worker: context.worker,
    ...(context.cost !== undefined && { cost: context.cost }),
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
  problem: { code: ProblemCode; detail: string },
  start: 'started' | 'not-started',
  { request, earlierStarts, now, worker, cost }: SettleContext,
): Verdict {
  const attempts = earlierStarts + (start === 'started' ? 1 : 0);
  const result = failedResult(request, problem, { now, attempts, worker });
  return { kind: 'answer', result: { ...result, ...(cost !== undefined && { cost }) } };
}

/** The longest that SQS keeps a message invisible. */
const LONGEST_DELAY_SECONDS = 43_200;

const asDelaySeconds = (ms: number) => Math.min(Math.ceil(ms / 1000), LONGEST_DELAY_SECONDS);
