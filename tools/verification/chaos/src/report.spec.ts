import { expect, test } from 'vitest';
import { event, FIRST, killed, request, SETTING, succeeded } from './check/testing.ts';
import { makeReport } from './report.ts';

const RUN = [...SETTING, ...request('a', FIRST, succeeded(FIRST)), killed(9, 'gateway-1')];
const line = (name: string, lines: readonly string[]) =>
  lines
    .find((each) => each.trimStart().startsWith(name))
    ?.replace(/ +/g, ' ')
    .trim();

test('a report counts what was done', () => {
  const { lines } = makeReport(RUN, []);
  expect(line('requests offered', lines)).toBe('requests offered 1');
  expect(line('answered', lines)).toBe('answered 1');
  expect(line('kills ', lines)).toBe('kills 1 (at least 20)');
  expect(line('gateway', lines)).toBe('gateway 1');
});

test('a run in which too little was done is no pass, though nothing was found', () => {
  const { passed, lines } = makeReport(RUN, []);
  expect(passed).toBe(false);
  expect(lines).toContain('not enough was done to tell: kills: 1, and should be 20');
});

test('a finding is told with the history of its subject', () => {
  const { passed, lines } = makeReport(RUN, [
    { promised: 'nothing is lost', subject: FIRST, what: 'has no result' },
  ]);
  expect(passed).toBe(false);
  const at = lines.indexOf(`NOT KEPT: nothing is lost: ${FIRST} has no result`);
  expect(lines[at + 1]).toContain('"event":"request.accepted"');
});

test('a run that did enough and found nothing passes', () => {
  const nothingAskedFor = event(0, { kind: 'run', seed: 1, maxWorkers: 2, minutes: 0 });
  expect(makeReport([nothingAskedFor], []).passed).toBe(true);
});
