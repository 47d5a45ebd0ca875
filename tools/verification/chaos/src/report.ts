import type { CheckedAlerts } from './alerts/check-alerts.ts';
import type { JudgedAlert } from './alerts/judge-alerts.ts';
import type { Finding } from './check/check.ts';
import { peakOf } from './check/fleet.ts';
import { gatherEvidence, isFinal } from './check/evidence.ts';
import { eventsOf, type EventOf, type HistoryEvent } from './history/event.ts';
import { countDone, quotasFor, unmet } from './plan/quotas.ts';

export interface Report {
  lines: string[];
  /** No rule was broken, the expected alerts fired and no other, and all quotas were reached. */
  passed: boolean;
}

/** The events and characters that are shown with a finding. */
const SHOWN_EVENTS = 25;
const SHOWN_FINDINGS = 20;
const SHOWN_CHARACTERS = 300;

/** The counts of a run, its findings and its alerts. */
export function makeReport(
  events: readonly HistoryEvent[],
  findings: readonly Finding[],
  alerts: CheckedAlerts,
): Report {
  const done = countDone(events);
  const [run] = eventsOf('run', events);
  const quotas = quotasFor(run?.minutes ?? 10);
  const missing = unmet(done, quotas);
  const evidence = gatherEvidence(events);
  const count = (kind: HistoryEvent['kind']) => eventsOf(kind, events).length;
  const distinct = (items: readonly string[]) => new Set(items).size;
  const rows = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, number]) => row(`  ${name}`, number));
  const recorded = evidence.logs.filter(({ event }) => event === 'attempt.recorded');
  return {
    passed: findings.length === 0 && missing.length === 0 && areAsExpected(alerts),
    lines: [
      row('offers', evidence.offers.size),
      row('accepted (by the logs)', distinct(evidence.accepted.map(({ requestId }) => requestId))),
      row('with a result', evidence.results.size),
      row('offers answered', distinct(evidence.answers.filter(isFinal).map(({ offer }) => offer))),
      row('answers', evidence.answers.length),
      row('broken connections', count('broken')),
      ...Object.entries(done.traffic).map(([name, number]) =>
        row(name, number, `at least ${quotas.traffic[name]}`),
      ),
      row('recorded attempts', recorded.length),
      row('instances launched', distinct(evidence.fleet.flatMap(idsOf))),
      row('most instances at once', peakOf(evidence.fleet).peak, `max ${evidence.maxWorkers}`),
      row('kills', done.kills, `at least ${quotas.kills}`),
      ...rows(done.killsByRole),
      `kills at a step (at least ${quotas.killsAtStep} each)`,
      ...rows(done.atStep),
      row('exhausted poison images', done.poisonous, `at least ${quotas.poisonous}`),
      row('delayed calls', count('delayed')),
      row('stalled processes', count('stalled')),
      `faults (at least ${quotas.faults} of each kind)`,
      ...rows(done.faults),
      ...describeAlerts(alerts),
      row('findings', findings.length),
      ...findings.slice(0, SHOWN_FINDINGS).flatMap((finding) => describe(finding, events)),
      ...missing.map((line) => `quota not reached: ${line}`),
    ],
  };
}

const idsOf = ({ instances }: EventOf<'fleet'>) => instances.map(({ id }) => id);

const row = (name: string, number: number, note = '') =>
  `${name.padEnd(34)} ${String(number).padStart(6)}${note === '' ? '' : `  (${note})`}`;

/** A finding with the events of its subject. */
function describe({ rule, subject, what }: Finding, events: readonly HistoryEvent[]): string[] {
  const about = events
    .filter((event) => JSON.stringify(event).includes(subject))
    .toSorted((a, b) => a.at - b.at);
  return [
    `BROKEN RULE: ${rule}: ${subject} ${what}`,
    ...about
      .slice(0, SHOWN_EVENTS)
      .map((event) => `    ${new Date(event.at).toISOString().slice(11, 23)} ${short(event)}`),
    ...(about.length > SHOWN_EVENTS ? [`    and ${about.length - SHOWN_EVENTS} more`] : []),
  ];
}

const short = (event: HistoryEvent) =>
  JSON.stringify({ ...event, at: undefined }).slice(0, SHOWN_CHARACTERS);

const areAsExpected = (checked: CheckedAlerts): boolean =>
  checked.kind === 'skipped' || checked.alerts.every(({ verdict }) => verdict === 'expected');

function describeAlerts(checked: CheckedAlerts): string[] {
  if (checked.kind === 'skipped') return [`alerts: not checked: ${checked.why}`];
  const { alerts, beganAt } = checked;
  const lines = alerts.map((each) => {
    const when = each.at === undefined ? '' : ` after ${Math.round((each.at - beganAt) / 1000)} s`;
    return `${VERDICTS[each.verdict]}: ${each.alert}${when}${reasons(each)}`;
  });
  return ['alerts', ...lines];
}

const VERDICTS = {
  expected: '  fired as expected',
  'not-fired': 'ALERT DID NOT FIRE',
  'false-alarm': 'FALSE ALARM',
} as const satisfies Record<JudgedAlert['verdict'], string>;

const reasons = ({ because }: JudgedAlert): string => {
  const all = Object.entries(because).map(([fault, amount]) => `${fault} (${Math.round(amount)})`);
  return all.length === 0 ? ': no fault raises it' : `: ${all.join(', ')}`;
};
