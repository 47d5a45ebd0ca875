import { describe, expect, test } from 'vitest';
import { decodeTrace, traceWorkload } from './trace.ts';

const decoded = (text: string) => {
  const result = decodeTrace(text);
  if (result.kind === 'malformed') throw new Error(result.reason);
  const { arrivals, serviceSeconds } = result.trace;
  return { arrivals: [...arrivals], services: serviceSeconds && [...serviceSeconds] };
};

describe('a trace', () => {
  test.each([
    ['seconds', '10\n11.5\n14\n'],
    ['seconds under a header, in any order', 'arrival\r\n14\r\n10\r\n11.5\r\n'],
    [
      'times of day',
      '2026-01-01T00:00:10Z\n2026-01-01T00:00:11.500Z\n"2026-01-01T01:00:14+01:00"\n',
    ],
  ])('of %s starts at its first arrival', (_, text) => {
    const { arrivals, services } = decoded(text);
    expect(arrivals).toEqual([0, 1.5, 4]);
    expect(services).toBeUndefined();
  });

  test('can contain the service of each image', () => {
    expect(decoded('at,service\n5,0.5\n4,2\n')).toEqual({ arrivals: [0, 1], services: [2, 0.5] });
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
    const trace = { arrivals: Float64Array.of(0, 90), serviceSeconds: undefined };
    const workload = traceWorkload('recorded', trace, 1);
    expect(workload).toMatchObject({ name: 'recorded', durationSeconds: 690, seed: 1 });
    expect(workload.serviceSeconds.length).toBe(2);
    expect(traceWorkload('recorded', trace, 1)).toEqual(workload);
  });
});
