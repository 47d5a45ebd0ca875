import type { Problem } from '../network/api-types.ts';
import { megabytes } from '../words/numbers.ts';
import type { Failure } from './state.ts';

/** Problems of the service or of the moment: the same image may succeed later. */
const CAN_RETRY = new Set([
  'request-timeout',
  'canceled',
  'rate-limited',
  'budget-exceeded',
  'attempts-exhausted',
  'image-missing',
  'internal-error',
  'overloaded',
  'deadline-exceeded',
  'not-found',
]);

/** Problems that pass, so the page sends the image again after `Retry-After`. */
const PASSING = new Set(['rate-limited', 'overloaded', 'request-timeout']);

const codeOf = ({ type }: Problem): string => type.slice(type.lastIndexOf(':') + 1);

export const isPassing = (problem: Problem): boolean => PASSING.has(codeOf(problem));

export function failureOf(problem: Problem | undefined): Failure {
  if (problem === undefined)
    return { title: 'Failed', detail: 'The gateway gives no reason.', canRetry: true };
  const { title, detail } = problem;
  return { title, detail, canRetry: CAN_RETRY.has(codeOf(problem)) };
}

/** Why a chosen file is not sent at all, or undefined if it may be an image. */
export function refusedBeforeUpload(
  { name, type, size }: Pick<File, 'name' | 'type' | 'size'>,
  maxBytes: number,
): Failure | undefined {
  if (/\.(heic|heif|hif)$/i.test(name) || /^image\/hei[cf]/.test(type))
    return {
      title: 'HEIC images cannot be read',
      detail:
        'Export it as JPEG. An iPhone takes JPEG with Settings, Camera, Formats, Most Compatible.',
      canRetry: false,
    };
  if (size === 0)
    return {
      title: 'The file is empty',
      detail: 'Choose a file that has an image in it.',
      canRetry: false,
    };
  if (size > maxBytes)
    return {
      title: 'The file is too large',
      detail: `It has ${megabytes(size)}; the limit is ${megabytes(maxBytes)}. Make the image smaller.`,
      canRetry: false,
    };
  return undefined;
}
