import { alertsOfRun } from '@labelfleet/observability/alerts-of-run';
import { hasPromtool } from '@labelfleet/telemetry/testing';
import { eventsOf, type HistoryEvent } from '../history/event.ts';
import { judgeAlerts, type JudgedAlert } from './judge-alerts.ts';

export type CheckedAlerts =
  | { kind: 'checked'; beganAt: number; alerts: readonly JudgedAlert[] }
  | { kind: 'skipped'; why: string };

/**
 * Evaluates the rules over the scrapes of a run, and compares the alerts with its faults.
 * @param rules another file of rules
 */
export async function checkAlerts(
  events: readonly HistoryEvent[],
  { rules, installed = hasPromtool }: { rules?: string; installed?: boolean } = {},
): Promise<CheckedAlerts> {
  const scraped = eventsOf('scraped', events);
  const [first] = scraped;
  if (first === undefined) return { kind: 'skipped', why: 'the history has no scrapes' };
  if (!installed)
    return { kind: 'skipped', why: 'promtool is missing; it is in the Debian package prometheus' };
  const rounds = scraped.map(({ scrapes }) => scrapes);
  const fired = await alertsOfRun(rounds, rules);
  const times = scraped.map(({ at }) => at);
  return { kind: 'checked', beganAt: first.at, alerts: judgeAlerts(events, fired, times) };
}
