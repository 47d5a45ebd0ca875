import { describe, expect, test } from 'vitest';
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
    threads: undefined,
  });
});

test('runs a choice in the order of the whole', () => {
  const args = ['--workload', 'trickle,burst-100', '--policy', 'keda', '--out', '-'];
  expect(parseOptions([...args, '--seeds', '2', '--threads', '1'])).toEqual({
    command: 'table',
    workloads: ['burst-100', 'trickle'],
    policies: ['keda'],
    seeds: 2,
    out: undefined,
    threads: 1,
  });
});

test('runs a workload or a trace', () => {
  const run = (...args: string[]) => parseOptions(['run', '--policy', 'keda', ...args]);
  expect(run('--workload', 'trickle', '--seed', '0')).toEqual({
    command: 'run',
    work: { workload: 'trickle' },
    policy: 'keda',
    seed: 0,
    world: undefined,
    ticks: undefined,
  });
  expect(run('--trace', 'arrivals.csv')).toMatchObject({
    work: { trace: 'arrivals.csv' },
    seed: 1,
  });
});

test.each(['replay', 'compare'])('%s takes one file', (command) => {
  expect(parseOptions([command, 'a.json'])).toEqual({ command, path: 'a.json' });
  expect(() => parseOptions([command])).toThrow(`${command}: the file is missing`);
  expect(() => parseOptions([command, 'a.json', 'b.json'])).toThrow('b.json: unexpected argument');
});

test('runs ablations of the policy deadline', () => {
  const options = parseOptions(['ablations', '--workload', 'trickle', '--seeds', '1']);
  expect(options).toMatchObject({ command: 'ablations', workloads: ['trickle'], seeds: 1 });
  const policies = 'policies' in options ? options.policies : [];
  expect(policies[0]).toBe('deadline');
  expect(policies.slice(1).every((name) => name.startsWith('deadline/'))).toBe(true);
});

test.each([[['--help']], [['run', '-h']]])('shows the help for %j', (args) => {
  expect(parseOptions(args)).toEqual({ command: 'help' });
});

describe('names the argument at fault', () => {
  test.each([
    [['race'], 'race: unknown command'],
    [['run', 'fast'], 'fast: unexpected argument'],
    [['--fast'], '--fast'],
    [['bench', '--seed', '1'], '--seed: not an option of bench'],
    [['--trace', 'x'], '--trace: not an option of the table'],
    [['--workload', 'burst-10'], '--workload burst-10: must be burst-100, '],
    [['--policy', 'keda,'], '--policy : must be '],
    [['--seeds', '0'], '--seeds 0: must be a whole number from 1'],
    [['--seeds', 'many'], '--seeds many: must be a whole number'],
    [['replay'], 'replay: the file is missing'],
    [['replay', 'a', 'b'], 'b: unexpected argument'],
    [['ablations', '--policy', 'keda'], '--policy: not an option of ablations'],
    [['run', '--policy', 'keda'], '--workload: missing'],
    [['run', '--workload', 'trickle'], '--policy: missing'],
    [['run', '--workload', 'trickle', '--trace', 'x'], '--workload and --trace cannot be combined'],
  ])('%j: %s', (args, fault) => {
    expect(() => parseOptions(args)).toThrow(fault);
  });
});
