import type { Fired } from '@labelfleet/observability/alerts-of-run';
import type { HistoryEvent } from '../history/event.ts';
import { FAULTS, type Fault } from './raised-alerts.ts';

export interface JudgedAlert {
  alert: string;
  verdict: 'expected' | 'not-fired' | 'false-alarm';
  /** When it began to fire; for a false alarm, when it did without a fault that raises it. */
  at: number | undefined;
  /** The faults that raise it, and how much of each there was. */
  because: Readonly<Record<string, number>>;
}

/**
 * Compares the alerts that fired with the faults that there were. An alert is expected each time it begins to fire, and
 * must have fired in the end.
 * @param times of the rounds of scrapes
 */
export function judgeAlerts(
  events: readonly HistoryEvent[],
  fired: readonly Fired[],
  times: readonly number[],
  faults: Readonly<Record<string, Fault>> = FAULTS,
): JudgedAlert[] {
  const reaching = (alert: string, level: 'may' | 'must', until: number) =>
    Object.fromEntries(
      Object.entries(faults).flatMap(([name, { amount, raises }]) => {
        const least = raises[alert]?.[level] ?? Infinity;
        const reached = amount(events, until);
        return reached >= least ? [[name, reached] as const] : [];
      }),
    );
  const alerts = new Set([
    ...fired.map(({ alert }) => alert),
    ...Object.values(faults).flatMap(({ raises }) => Object.keys(raises)),
  ]);
  return [...alerts].toSorted().flatMap((alert): JudgedAlert[] => {
    const begins = beginsOf(
      fired.find((each) => each.alert === alert),
      times,
    );
    const surprise = begins.find((at) => isEmpty(reaching(alert, 'may', at)));
    if (surprise !== undefined)
      return [{ alert, verdict: 'false-alarm', at: surprise, because: {} }];
    const [at] = begins;
    if (at !== undefined)
      return [{ alert, verdict: 'expected', at, because: reaching(alert, 'may', Infinity) }];
    const because = reaching(alert, 'must', Infinity);
    return isEmpty(because) ? [] : [{ alert, verdict: 'not-fired', at: undefined, because }];
  });
}

/** When it began to fire, each time. */
const beginsOf = (fired: Fired | undefined, times: readonly number[]): number[] =>
  (fired?.rounds ?? [])
    .filter((round, index, rounds) => rounds[index - 1] !== round - 1)
    .map((round) => times[round] ?? 0);

const isEmpty = (some: object) => Object.keys(some).length === 0;
