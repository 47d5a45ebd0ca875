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
 * Takes the entries that fail on purpose out of a batch, each having its chance.
 * @returns the input with those that are left, undefined when none is, and what is to be answered of the others
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
    const [outcome] = faults.strike(['batch-entry-error'], occasion);
    if (outcome === undefined) return true;
    const { code, message, status } = outcome;
    failed.push({ Id, Code: code, Message: message, SenderFault: status < 500 });
    return false;
  });
  return { left: Entries.length === 0 ? undefined : { ...parsed.data, Entries }, failed };
}
