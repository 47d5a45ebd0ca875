import * as z from 'zod';

import { ApiError } from '../../api-error.ts';

const ID = /^[\w-]{1,80}$/;

/** The entries of a batch, with their ids. `runBatch` checks their number. */
export function batchOf<S extends z.ZodRawShape>(entry: S) {
  return z.array(z.strictObject({ Id: z.string(), ...entry }));
}

/**
 * Runs a batch. An entry that fails does not affect the others.
 * @param check throws for an entry for which the whole batch is refused, before any entry runs
 * @throws ApiError if the whole batch is refused
 */
export function runBatch<E extends { Id: string }>(
  entries: readonly E[],
  run: (entry: E) => object,
  check: (entry: E) => void = () => {},
): { Successful: object[]; Failed: object[] } {
  checkBatch(entries.map(({ Id }) => Id));
  for (const entry of entries) check(entry);
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      Failed.push({
        Id: entry.Id,
        Code: error.code,
        Message: error.message,
        SenderFault: error.status < 500,
      });
    }
  }
  return { Successful, Failed };
}

function checkBatch(ids: readonly string[]): void {
  if (ids.length === 0) {
    throw new ApiError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (ids.length > 10) {
    throw new ApiError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${ids.length}.`,
    );
  }
  const bad = ids.find((id) => !ID.test(id));
  if (bad !== undefined) {
    throw new ApiError(
      'InvalidBatchEntryId',
      `A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long: ${bad}`,
    );
  }
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) {
    throw new ApiError('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
  }
}
