import type { LaunchFailure } from '../ec2/instances/end-reasons.ts';
import { drawMs } from './duration.ts';
import type { Fault } from './fault.ts';

/** The effect of a fault on an occasion, with its random amounts drawn. */
export type Outcome =
  | {
      kind: 'error' | 'throttle' | 'batch-entry-error';
      status: number;
      code: string;
      message: string;
    }
  | { kind: 'cut-connection' | 'lost-reply' }
  | { kind: 'boot-failure'; code: LaunchFailure }
  | { kind: 'hold'; when: 'before' | 'after'; longestMs: number }
  | { kind: 'latency' | 'boot-delay'; delayMs: number }
  | { kind: 'duplicate-delivery'; afterMs: number }
  | { kind: 'capacity'; available: number; code: string }
  | { kind: 'spot-notice'; afterMs: number; noticeMs: number }
  | { kind: 'stale-describe'; lagMs: number };

export type OutcomeOf<Kind extends Outcome['kind']> = Outcome & { kind: Kind };

/**
 * @param action the called action, because error codes differ by service
 * @param dice three random numbers from 0 to below 1
 */
export function outcomeOf(fault: Fault, action: string, dice: readonly number[]): Outcome {
  const [service = ''] = action.split(':');
  switch (fault.kind) {
    case 'error':
    case 'batch-entry-error':
      return {
        kind: fault.kind,
        status: fault.status,
        code: fault.code ?? errorCode(service, fault.status),
        message: fault.message,
      };
    case 'throttle':
      return { kind: 'throttle', ...(THROTTLING[service] ?? THROTTLING_ELSEWHERE) };
    case 'latency':
    case 'boot-delay':
      return { kind: fault.kind, delayMs: drawMs(fault, dice) };
    case 'cut-connection':
    case 'lost-reply':
      return { kind: fault.kind };
    case 'boot-failure':
      return { kind: 'boot-failure', code: fault.code };
    case 'hold':
      return { kind: 'hold', when: fault.when, longestMs: fault.seconds * 1000 };
    case 'duplicate-delivery':
      return { kind: 'duplicate-delivery', afterMs: fault.afterSeconds * 1000 };
    case 'capacity':
      return { kind: 'capacity', available: fault.available, code: fault.code };
    case 'spot-notice':
      return {
        kind: 'spot-notice',
        afterMs: fault.afterSeconds * 1000,
        noticeMs: fault.noticeSeconds * 1000,
      };
    case 'stale-describe':
      return { kind: 'stale-describe', lagMs: fault.seconds * 1000 };
  }
}

const THROTTLING_ELSEWHERE = { status: 400, code: 'Throttling', message: 'Rate exceeded' };

/** EC2: docs.aws.amazon.com/AWSEC2/latest/APIReference/throttling.html; S3 and SQS: their lists of errors. */
const THROTTLING: Readonly<Record<string, { status: number; code: string; message: string }>> = {
  ec2: { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' },
  s3: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
  sqs: { status: 400, code: 'RequestThrottled', message: 'Rate exceeded' },
};

/** The services' codes for an internal error. */
function errorCode(service: string, status: number): string {
  if (status === 503) return service === 'ec2' ? 'Unavailable' : 'ServiceUnavailable';
  if (status >= 500) return service === 'sqs' ? 'InternalFailure' : 'InternalError';
  return status === 403 ? 'AccessDenied' : 'InvalidRequest';
}
