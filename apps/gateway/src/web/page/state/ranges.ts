import type { EstimatedWait } from '../network/api-types.ts';
import type { BatchState, Range, State } from './state.ts';

/** The earlier end of both ranges: a promise is never taken back, only found to be broken. */
export function earlier(
  before: Range | undefined,
  at: number,
  { lowSeconds, highSeconds }: Pick<EstimatedWait, 'lowSeconds' | 'highSeconds'>,
): Range | undefined {
  if (highSeconds === null) return before;
  const highAt = Math.min(before?.highAt ?? Infinity, at + 1000 * highSeconds);
  const lowAt = Math.min(before?.lowAt ?? Infinity, at + 1000 * lowSeconds, highAt);
  return { lowAt, highAt };
}

/** New images make every earlier range void. */
export function withoutRanges(state: State): State {
  const batches = Object.entries(state.batches).map(([id, batch]): [string, BatchState] => [
    id,
    without(batch, 'range'),
  ]);
  return { ...without(state, 'fleetRange'), batches: Object.fromEntries(batches) };
}

export function without<T extends object, K extends keyof T>(value: T, field: K): Omit<T, K> {
  const rest = { ...value };
  delete rest[field];
  return rest;
}
