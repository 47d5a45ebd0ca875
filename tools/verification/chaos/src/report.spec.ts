import { expect, test } from 'vitest';
import type { JudgedAlert } from './alerts/judge-alerts.ts';
import { event, FIRST, killed, request, SETTING, succeeded } from './check/testing.ts';
import { makeReport } from './report.ts';

const RUN = [...SETTING, ...request('a', FIRST, succeeded(FIRST)), killed(9, 'gateway-1')];
const NOTHING_ASKED_FOR = event(0, { kind: 'run', seed: 1, maxWorkers: 2, minutes: 0 });
const UNCHECKED = { kind: 'skipped', why: 'promtool is missing' } as const;
const line = (name: string, lines: readonly string[]) =>
  lines
    .find((each) => each.trimStart().startsWith(name))
    ?.replace(/ +/g, ' ')
    .trim();

test('counts offers, answers and kills', () => {
  const { lines } = makeReport(RUN, [], UNCHECKED);
  expect(line('offers ', lines)).toBe('offers 1');
  expect(line('offers answered', lines)).toBe('offers answered 1');
  expect(line('kills ', lines)).toBe('kills 1 (at least 20)');
  expect(line('gateway', lines)).toBe('gateway 1');
});

test('fails a run without findings that did not reach its quotas', () => {
  const { passed, lines } = makeReport(RUN, [], UNCHECKED);
  expect(passed).toBe(false);
  expect(lines).toContain('quota not reached: kills: 1 of 20');
});

test('shows a finding with the events of its subject', () => {
  const { passed, lines } = makeReport(
    RUN,
    [{ rule: 'nothing is lost', subject: FIRST, what: 'has no result' }],
    UNCHECKED,
  );
  expect(passed).toBe(false);
  const at = lines.indexOf(`BROKEN RULE: nothing is lost: ${FIRST} has no result`);
  expect(lines[at + 1]).toContain('"event":"request.accepted"');
});

test('passes a run without findings that reached its quotas', () => {
  expect(makeReport([NOTHING_ASKED_FOR], [], UNCHECKED).passed).toBe(true);
});

const ONE = { alert: 'LabelfleetNoLeader', at: 12_000, because: {} };
const checked = (judged: JudgedAlert) =>
  ({ kind: 'checked', beganAt: 2000, alerts: [judged] }) as const;

test.each([
  [
    { ...ONE, verdict: 'expected', because: { 'scalers stopped': 250 } } as const,
    '  fired as expected: LabelfleetNoLeader after 10 s: scalers stopped (250)',
    true,
  ],
  [
    { ...ONE, verdict: 'not-fired', at: undefined, because: { 'scalers stopped': 250 } } as const,
    'ALERT DID NOT FIRE: LabelfleetNoLeader: scalers stopped (250)',
    false,
  ],
  [
    { ...ONE, verdict: 'false-alarm' } as const,
    'FALSE ALARM: LabelfleetNoLeader after 10 s: no fault raises it',
    false,
  ],
])('shows the alert %o', (judged, shown, passes) => {
  const { lines, passed } = makeReport([NOTHING_ASKED_FOR], [], checked(judged));
  expect(lines).toContain(shown);
  expect(passed).toBe(passes);
});

test('says why the alerts were not checked', () => {
  const { lines } = makeReport(RUN, [], UNCHECKED);
  expect(lines).toContain('alerts: not checked: promtool is missing');
});
