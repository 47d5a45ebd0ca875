import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { AwsCallError } from '../errors.ts';

/** What SQS answers to a batch: each entry by its id under one of the two. */
export interface BatchResponse {
  Successful?: { Id?: string | undefined }[] | undefined;
  Failed?: BatchResultErrorEntry[] | undefined;
}

/**
 * The outcome of each entry, whose ids are their positions.
 * @param failed may know an outcome for a failed entry; undefined rejects with the error
 */
export function entryOutcomes<Outcome>(
  operation: string,
  count: number,
  answer: BatchResponse,
  succeeded: Outcome,
  failed: (error: AwsCallError) => Outcome | undefined = () => undefined,
): PromiseSettledResult<Outcome>[] {
  const successes = new Set(answer.Successful?.map(({ Id }) => Id));
  const failures = new Map(answer.Failed?.map((failure) => [failure.Id, failure]));
  return Array.from({ length: count }, (_, index): PromiseSettledResult<Outcome> => {
    const id = String(index);
    if (successes.has(id)) return { status: 'fulfilled', value: succeeded };
    const error = entryError(operation, failures.get(id));
    const outcome = failed(error);
    return outcome === undefined
      ? { status: 'rejected', reason: error }
      : { status: 'fulfilled', value: outcome };
  });
}

function entryError(operation: string, failure: BatchResultErrorEntry | undefined): AwsCallError {
  if (failure === undefined)
    return new AwsCallError(operation, {
      code: 'NoAnswer',
      message: 'the answer to the batch names no outcome for this entry',
    });
  return new AwsCallError(operation, {
    code: failure.Code ?? 'Unknown',
    message: failure.Message ?? 'no message',
    statusCode: failure.SenderFault ? 400 : 500,
  });
}
