import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';
import { POLICIES } from './policies/index.ts';
import { WORKLOADS } from './workloads/index.ts';

test('runs everything with five seeds without arguments', () => {
  expect(parseOptions([])).toEqual({
    command: 'table',
    workloads: WORKLOADS.map(({ name }) => name),
    policies: POLICIES.map(({ name }) => name),
    seeds: 5,
    out: 'docs/scaling-report',
  });
});

test('runs a choice in the order of the whole', () => {
  const args = ['--workload', 'trickle,burst-100', '--policy', 'keda', '--out', '-'];
  expect(parseOptions([...args, '--seeds', '2'])).toEqual({
    command: 'table',
    workloads: ['burst-100', 'trickle'],
    policies: ['keda'],
    seeds: 2,
    out: undefined,
  });
});

test('runs a workload or a trace', () => {
  const run = (...args: string[]) => parseOptions(['run', '--policy', 'keda', ...args]);
  const plain = { command: 'run', policy: 'keda', seed: 1 };
  expect(run('--workload', 'trickle', '--seed', '0')).toEqual({
    ...plain,
    seed: 0,
    work: { workload: 'trickle' },
  });
  expect(run('--trace', 'a.csv')).toEqual({ ...plain, work: { trace: 'a.csv' } });
});

test('runs ablations of the policy deadline', () => {
  const options = parseOptions(['ablations', '--workload', 'trickle', '--seeds', '1']);
  expect(options).toMatchObject({ command: 'ablations', workloads: ['trickle'], seeds: 1 });
  const policies = 'policies' in options ? options.policies : [];
  expect(policies[0]).toBe('deadline');
  expect(policies.slice(1).every((name) => name.startsWith('deadline/'))).toBe(true);
});

test('runs workloads with jobs', () => {
  const out = 'docs/scaling-report';
  expect(parseOptions(['jobs'])).toEqual({ command: 'jobs', seeds: 3, out });
  expect(parseOptions(['jobs', '--seeds', '1', '--out', '-'])).toEqual({
    ...{ command: 'jobs', seeds: 1, out: undefined },
  });
});

test('replays a file, and shows the help', () => {
  expect(parseOptions(['replay', 'a.jsonl'])).toEqual({ command: 'replay', path: 'a.jsonl' });
  expect(parseOptions(['--help'])).toEqual({ command: 'help' });
  expect(parseOptions(['run', '-h'])).toEqual({ command: 'help' });
});

test.each([
  ['race', 'race: unknown command'],
  ['run fast', "'fast'"],
  ['--fast', '--fast'],
  ['--trace x', '--trace'],
  ['--workload burst-10', '--workload burst-10: must be burst-100, '],
  ['--policy keda,', '--policy : must be '],
  ['--seeds 0', '--seeds 0: must be a whole number from 1'],
  ['--seeds many', '--seeds many: must be a whole number'],
  ['replay', 'replay: the file is missing'],
  ['replay a b', 'b: unexpected argument'],
  ['ablations --policy keda', '--policy'],
  ['run --policy keda', '--workload: missing'],
  ['run --workload trickle', '--policy: missing'],
  ['run --workload trickle --trace x', '--workload and --trace cannot be combined'],
])('names the argument at fault: %s', (line, fault) => {
  expect(() => parseOptions(line.split(' '))).toThrow(fault);
});
