import {
  ATTEMPTS_EXHAUSTED,
  deadlineExceeded,
  failedResult,
  fieldsOfRequest,
  imageMissing,
  labelFrom,
  lowestScore,
  type Calibration,
  type ImageCost,
  type ModelIdentity,
  type ProblemCode,
  type RequestMessage,
  type RequestOptions,
  type AttemptsVerdict,
  type StoredResult,
} from '@labelfleet/contracts';
import type { BadImage, Classified } from '@labelfleet/inference';
import { redeliveryDelaySeconds } from './redelivery-delay.ts';

/** How an attempt at an image ended. */
export type AttemptOutcome =
  | (Classified & { fetchMs: number })
  | BadImage
  | { kind: 'image-missing' }
  | { kind: 'deadline-passed'; deadlineAt: string }
  /** The attempt record does not allow another attempt (P4). */
  | Exclude<AttemptsVerdict, { kind: 'may-attempt' }>
  /** The model or the classifier process failed, or the attempt took too long. Another attempt may succeed. */
  | { kind: 'failed'; error: unknown }
  /** The store or the queue stayed out of reach: this is no attempt (P5). */
  | { kind: 'unreachable'; error: unknown }
  /** The drain deadline ended it: this is no attempt (P5). */
  | { kind: 'interrupted' }
  /** The visibility of the message lapsed: another worker may have it (P6). */
  | { kind: 'lapsed' };

/** What becomes of a message. */
export type Verdict =
  /** Store this result unless there is one, reply with the stored one, delete the message. */
  | { kind: 'complete'; result: StoredResult }
  /** Make it visible again after this delay. */
  | { kind: 'release'; delaySeconds: number }
  /** Do nothing with it: another worker may have it. */
  | { kind: 'leave' };

export interface OutcomeContext {
  request: RequestMessage;
  /** How often the message has been received, including this delivery. */
  receiveCount: number;
  /** Attempts of others in the attempt record. */
  earlierAttempts: number;
  /** Unix milliseconds. */
  receivedAt: number;
  /** Unix milliseconds. */
  now: number;
  /** Instance id. */
  worker: string;
  model: ModelIdentity;
  /** Undefined: nothing is known about the precision of the model. */
  calibration: Calibration | undefined;
  /** What the image has cost so far; undefined where a price is not known. */
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

export const problemOfBadImage = ({ reason, detail }: BadImage) => ({
  code: PROBLEM_OF_BAD_IMAGE[reason],
  detail,
});

/** Decides what becomes of the message of a delivery, from how its attempt ended. */
export function judgeOutcome(outcome: AttemptOutcome, context: OutcomeContext): Verdict {
  switch (outcome.kind) {
    case 'classified': {
      const lowest = lowestScoreFor(context.request, context.calibration);
      return lowest === undefined
        ? failed(uncalibrated(context.model), 'begun', context)
        : { kind: 'complete', result: succeeded(outcome, lowest, context) };
    }
    case 'bad-image':
      return failed(problemOfBadImage(outcome), 'begun', context);
    case 'image-missing':
      return failed(imageMissing(context.request), 'not-begun', context);
    case 'deadline-passed':
      return failed(deadlineExceeded(outcome.deadlineAt), 'not-begun', context);
    case 'exhausted':
      return failed(ATTEMPTS_EXHAUSTED, 'not-begun', context);
    case 'too-early':
      return { kind: 'release', delaySeconds: asDelaySeconds(outcome.waitMs) };
    case 'failed':
    case 'unreachable':
      return {
        kind: 'release',
        delaySeconds: redeliveryDelaySeconds(context.receiveCount, context.random),
      };
    case 'interrupted':
      return { kind: 'release', delaySeconds: 0 };
    case 'lapsed':
      return { kind: 'leave' };
  }
}

/** True for an outcome whose attempt is withdrawn from the attempt record (P5). */
export function isNoAttempt({ kind }: AttemptOutcome): boolean {
  return kind === 'unreachable' || kind === 'interrupted' || kind === 'lapsed';
}

/**
 * The score below which the caller wants no label.
 * @returns undefined if the caller demands a precision and nothing is known about the model's
 */
export function lowestScoreFor(
  { minPrecision }: Pick<RequestOptions, 'minPrecision'>,
  calibration: Calibration | undefined,
): number | undefined {
  if (minPrecision === undefined) return 0;
  return calibration && lowestScore(calibration, minPrecision);
}

export const uncalibrated = ({ name, version }: ModelIdentity) =>
  ({
    code: 'invalid-parameter',
    detail: `minPrecision cannot be applied, because the model ${name}/${version} has no calibration table. Leave it out (operator: unset MIN_PRECISION), or make the table with npm run model:evaluate.`,
  }) as const;

function succeeded(
  outcome: Extract<AttemptOutcome, { kind: 'classified' }>,
  lowest: number,
  context: OutcomeContext,
) {
  const { request, receivedAt, now, model } = context;
  const [best] = outcome.predictions;
  if (best === undefined) throw new Error('The classifier returned no prediction.');
  // The gateway's clock may be ahead of this one: no time is negative.
  const since = (unixMs: number) => Math.max(0, unixMs - Date.parse(request.submittedAt));
  return {
    ...fieldsOfRequest(request),
    completedAt: new Date(now).toISOString(),
    attempts: context.earlierAttempts + 1,
    worker: context.worker,
    ...(context.cost !== undefined && { cost: context.cost }),
    status: 'succeeded',
    ...labelFrom(best, lowest),
    predictions: outcome.predictions,
    model,
    timings: {
      queuedMs: since(receivedAt),
      fetchMs: Math.round(outcome.fetchMs),
      decodeMs: Math.round(outcome.decodeMs),
      inferMs: Math.round(outcome.inferMs),
      totalMs: since(now),
    },
  } satisfies StoredResult;
}

function failed(
  problem: { code: ProblemCode; detail: string },
  attempt: 'begun' | 'not-begun',
  { request, earlierAttempts, now, worker, cost }: OutcomeContext,
): Verdict {
  const attempts = earlierAttempts + (attempt === 'begun' ? 1 : 0);
  const result = failedResult(request, problem, { now, attempts, worker });
  return { kind: 'complete', result: { ...result, ...(cost !== undefined && { cost }) } };
}

/** SQS keeps a message invisible for 12 h at most. */
const MAX_DELAY_SECONDS = 43_200;

export const asDelaySeconds = (ms: number) => Math.min(Math.ceil(ms / 1000), MAX_DELAY_SECONDS);
