import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { AwsCallError } from '../errors.ts';

/** The response of SQS to a batch: each entry's id is in one of the two lists. */
export interface BatchResponse {
  Successful?: { Id?: string | undefined }[] | undefined;
  Failed?: BatchResultErrorEntry[] | undefined;
}

/**
 * Returns the outcome of each entry. An entry's id is its position in the batch.
 * @param failed maps the error of an entry to an outcome; undefined rejects the entry with the error
 */
export function entryOutcomes<Outcome>(
  operation: string,
  count: number,
  response: BatchResponse,
  succeeded: Outcome,
  failed: (error: AwsCallError) => Outcome | undefined = () => undefined,
): PromiseSettledResult<Outcome>[] {
  const successes = new Set(response.Successful?.map(({ Id }) => Id));
  const failures = new Map(response.Failed?.map((failure) => [failure.Id, failure]));
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
      message: 'the batch response has no outcome for this entry',
    });
  return new AwsCallError(operation, {
    code: failure.Code ?? 'Unknown',
    message: failure.Message ?? 'no message',
    statusCode: failure.SenderFault ? 400 : 500,
  });
}
