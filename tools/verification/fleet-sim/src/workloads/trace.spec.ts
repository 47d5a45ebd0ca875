import { expect, test } from 'vitest';
import { aWorld } from '../world-settings.ts';
import { decodeTrace, traceWorkload } from './trace.ts';

const images = (arrivals: number[], services: number[] = []) =>
  arrivals.map((at, index) => ({ at, service: services[index] }));

test.each([
  ['seconds', '10\n11.5\n14\n'],
  ['seconds under a header, in any order', 'arrival\r\n14\r\n10\r\n11.5\r\n'],
  ['times of day', '2026-01-01T00:00:10Z\n2026-01-01T00:00:11.500Z\n"2026-01-01T01:00:14+01:00"\n'],
])('a trace of %s starts at its first arrival', (_, text) => {
  expect(decodeTrace(text)).toEqual({ kind: 'decoded', value: images([0, 1.5, 4]) });
});

test('a trace can contain the service of each image', () => {
  const value = images([0, 1], [2, 0.5]);
  expect(decodeTrace('at,service\n5,0.5\n4,2\n')).toEqual({ kind: 'decoded', value });
});

test.each([
  ['', 'there are no arrivals in it'],
  ['at\n', 'there are no arrivals in it'],
  ['at\n1\nsoon\n', 'line 3: soon begins with no time'],
  ['1,fast\n', 'line 1: 1,fast has no seconds of service'],
  ['1,-2\n', 'line 1: 1,-2 has no seconds of service'],
  ['1,1\n2\n', 'only some lines have seconds of service'],
])('%j is malformed: %s', (text, reason) => {
  expect(decodeTrace(text)).toEqual({ kind: 'malformed', reason });
});

test('makes a workload that ends ten minutes after its last arrival', () => {
  const workload = traceWorkload('recorded', images([0, 90]), 1, aWorld());
  expect(workload).toMatchObject({ name: 'recorded', durationSeconds: 690, seed: 1 });
  expect(workload.serviceSeconds.length).toBe(2);
  expect(traceWorkload('recorded', images([0, 90]), 1, aWorld())).toEqual(workload);
});
