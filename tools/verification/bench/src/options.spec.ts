import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test('measures everything three times by default', () => {
  expect(parseOptions([], '/')).toEqual({
    repeats: 3,
    seconds: 10,
    workloads: ['photos', 'pictures', 'resnet18'],
    workers: [1, 2],
    clients: 16,
    out: undefined,
    peers: [],
    profile: undefined,
    growth: undefined,
  });
});

test('reads lists, peers and a relative file', () => {
  const args = ['--workload', 'photos,resnet18', '--workers', '2', '--out', 'x.json'];
  expect(parseOptions([...args, '--peer', 'typical=run --it=now'], '/tmp')).toMatchObject({
    workloads: ['photos', 'resnet18'],
    workers: [2],
    out: '/tmp/x.json',
    peers: [{ name: 'typical', command: 'run --it=now' }],
  });
});

test.each([
  { args: ['--workload', 'cats'], fault: '--workload cats: must be one of photos, pictures' },
  { args: ['--workers', '1,0'], fault: '--workers 0: must be a whole number from 1' },
  { args: ['--peer', 'product=x'], fault: '--peer product=x: must be NAME=COMMAND' },
  {
    args: ['--profile', 'other'],
    fault: '--profile other: must be one of classifier, local-cloud, gateway',
  },
  { args: ['--growth', 'cloud'], fault: '--growth cloud: must be one of gateway, workers, scaler' },
])('refuses $args', ({ args, fault }) => {
  expect(() => parseOptions(args, '/')).toThrow(fault);
});
