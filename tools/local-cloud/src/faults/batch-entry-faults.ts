import * as z from 'zod';

import type { Faults } from './faults.ts';
import type { Occasion } from './matches.ts';

const batch = z.looseObject({ Entries: z.array(z.looseObject({ Id: z.string() })).min(1) });

interface Failed {
  Id: string;
  Code: string;
  Message: string;
  SenderFault: boolean;
}

/**
 * Evaluates the faults for each entry of a batch and removes the entries that fail.
 * @returns the input with the remaining entries (undefined if none remains), and the results of the failed ones
 */
export function failEntries(
  faults: Faults,
  input: unknown,
  occasion: Occasion,
): { left: unknown; failed: Failed[] } {
  const parsed = batch.safeParse(input);
  if (!parsed.success) return { left: input, failed: [] };
  const failed: Failed[] = [];
  const Entries = parsed.data.Entries.filter(({ Id }) => {
    const [outcome] = faults.fire(['batch-entry-error'], occasion);
    if (outcome === undefined) return true;
    const { code, message, status } = outcome;
    failed.push({ Id, Code: code, Message: message, SenderFault: status < 500 });
    return false;
  });
  return { left: Entries.length === 0 ? undefined : { ...parsed.data, Entries }, failed };
}
