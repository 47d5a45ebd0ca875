import { customIdSchema, makeProblem, type BatchItem } from '@labelfleet/contracts';
import type { Refusal } from '../http/problem.ts';

/** An item before all have arrived, when it is not known whether its field name can be its id. */
export type ArrivedItem = BatchItem & { field?: string | undefined };

/** A faulty image fails alone. Every other refusal is of the whole batch. */
const FAILS_ALONE: ReadonlySet<Refusal['code']> = new Set([
  'missing-image',
  'forbidden',
  'not-found',
  'payload-too-large',
  'unsupported-media-type',
  'invalid-image',
  'deadline-exceeded',
]);

export const failsAlone = ({ code }: Refusal): boolean => FAILS_ALONE.has(code);

export const problemOf = ({ code, detail }: Refusal, batchId: string) =>
  makeProblem(code, batchId, detail);

/** The field name of a file is the caller's id for it, if no other file has the same. */
export function nameByField(items: readonly ArrivedItem[]): BatchItem[] {
  const uses = new Map<string | undefined, number>();
  for (const { field } of items) uses.set(field, (uses.get(field) ?? 0) + 1);
  return items.map(({ field, ...item }) =>
    uses.get(field) === 1 && customIdSchema.safeParse(field).success
      ? { ...item, customId: field }
      : item,
  );
}

/** True if both lists came from the same images. */
export const sameItems = (some: readonly BatchItem[], others: readonly BatchItem[]): boolean =>
  some.length === others.length &&
  some.every((item, at) => {
    const other = others[at];
    if (other === undefined || item.sha256 !== other.sha256) return false;
    return 'requestId' in item
      ? 'requestId' in other && item.requestId === other.requestId
      : 'problem' in other && item.problem.type === other.problem.type;
  });
