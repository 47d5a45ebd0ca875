import { expect, test } from 'vitest';
import { event, FIRST, killed, request, SETTING, succeeded } from './check/testing.ts';
import { makeReport } from './report.ts';

const RUN = [...SETTING, ...request('a', FIRST, succeeded(FIRST)), killed(9, 'gateway-1')];
const line = (name: string, lines: readonly string[]) =>
  lines
    .find((each) => each.trimStart().startsWith(name))
    ?.replace(/ +/g, ' ')
    .trim();

test('counts offers, answers and kills', () => {
  const { lines } = makeReport(RUN, []);
  expect(line('offers ', lines)).toBe('offers 1');
  expect(line('offers answered', lines)).toBe('offers answered 1');
  expect(line('kills ', lines)).toBe('kills 1 (at least 20)');
  expect(line('gateway', lines)).toBe('gateway 1');
});

test('fails a run without findings that did not reach its quotas', () => {
  const { passed, lines } = makeReport(RUN, []);
  expect(passed).toBe(false);
  expect(lines).toContain('quota not reached: kills: 1 of 20');
});

test('shows a finding with the events of its subject', () => {
  const { passed, lines } = makeReport(RUN, [
    { rule: 'nothing is lost', subject: FIRST, what: 'has no result' },
  ]);
  expect(passed).toBe(false);
  const at = lines.indexOf(`BROKEN RULE: nothing is lost: ${FIRST} has no result`);
  expect(lines[at + 1]).toContain('"event":"request.accepted"');
});

test('passes a run without findings that reached its quotas', () => {
  const nothingAskedFor = event(0, { kind: 'run', seed: 1, maxWorkers: 2, minutes: 0 });
  expect(makeReport([nothingAskedFor], []).passed).toBe(true);
});
