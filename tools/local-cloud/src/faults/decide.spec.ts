import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decide, newRule, stateOf, type Rule } from './decide.ts';
import { parseFault } from './fault.ts';
import type { Occasion } from './matches.ts';

function ruleOf(input: object, seed = 1): Rule {
  const parsed = parseFault(input);
  if ('wrong' in parsed) throw new Error(parsed.wrong);
  return newRule(parsed.fault, { id: 'under-test', seed, nowMs: 0 });
}

const call = (action: string, facts: Occasion['facts'] = {}): Occasion => ({ action, facts });
const SEND = call('sqs:SendMessage', { queue: ['orders'] });

/** Applies a rule to a number of calls. @returns the numbers of those on which it fired, and the rule afterwards */
function hits(rule: Rule, calls: number, nowMs = 0): { hit: number[]; rule: Rule } {
  const hit: number[] = [];
  for (let number = 1; number <= calls; number++) {
    const decided = decide(rule, SEND, nowMs);
    if (decided.outcome !== null) hit.push(number);
    rule = decided.rule;
  }
  return { hit, rule };
}

describe('of the calls that match, a fault fires on', () => {
  test.each([
    ['all', {}, [1, 2, 3, 4, 5, 6]],
    ['the next 2', { count: 2 }, [1, 2]],
    ['every 3rd', { every: 3 }, [3, 6]],
    ['the 4th only', { every: 4, count: 1 }, [4]],
  ])('%s', (_what, selection, expected) => {
    const { hit, rule } = hits(ruleOf({ kind: 'throttle', ...selection }), 6);
    expect(hit).toEqual(expected);
    expect(rule.fired).toBe(expected.length);
  });

  test('the share that its probability sets', () => {
    const { hit, rule } = hits(ruleOf({ kind: 'throttle', probability: 0.2 }), 10_000);
    // The standard deviation of 10,000 trials at 0.2 is 40.
    expect(hit.length).toBeGreaterThan(1800);
    expect(hit.length).toBeLessThan(2200);
    expect(rule).toMatchObject({ matched: 10_000, fired: hit.length });
  });

  test('the same calls with the same seed, and others with another seed', () => {
    const run = (seed: number) =>
      hits(ruleOf({ kind: 'throttle', probability: 0.5 }, seed), 100).hit;
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  test('no call after it has expired', () => {
    const rule = ruleOf({ kind: 'throttle', expiresInSeconds: 2 });
    expect(hits(rule, 1, 1999).hit).toEqual([1]);
    expect(hits(rule, 1, 2000)).toEqual({ hit: [], rule });
    expect(stateOf(rule, 2000)).toBe('expired');
  });
});

describe('a fault matches', () => {
  const about = { queue: ['orders'], instance: ['i-1', 'i-2'] };
  test.each([
    [{}, 'sqs:SendMessage', true],
    [{ action: 'SendMessage' }, 'sqs:SendMessage', true],
    [{ action: 'sqs:SendMessage' }, 'sqs:SendMessage', true],
    [{ action: 'sqs:*' }, 'sqs:SendMessage', true],
    [{ action: ['PutObject', 'SendMessage'] }, 'sqs:SendMessage', true],
    [{ action: 'Send' }, 'sqs:SendMessage', false],
    [{ action: 's3:*' }, 'sqs:SendMessage', false],
    [{ match: { queue: 'orders' } }, 'sqs:SendMessage', true],
    [{ match: { queue: 'ord*' } }, 'sqs:SendMessage', true],
    [{ match: { queue: 'order' } }, 'sqs:SendMessage', false],
    [{ match: { instance: 'i-2' } }, 'ec2:CreateTags', true],
    [{ match: { instance: 'i-3' } }, 'ec2:CreateTags', false],
    [{ match: { bucket: '*' } }, 'ec2:CreateTags', false],
    [{ match: { queue: 'orders', instance: 'i-3' } }, 'sqs:SendMessage', false],
  ])('%j: a call of %s: %s', (limits, action, expected) => {
    const rule = ruleOf({ kind: 'throttle', ...limits });
    expect(decide(rule, call(action, about), 0).outcome !== null).toBe(expected);
  });

  test('the calls of an instance by its id', () => {
    const rule = ruleOf({ kind: 'throttle', match: { caller: 'i-0123456789abcdef0' } });
    const from = (caller: string) =>
      decide(rule, call('s3:PutObject', { caller: [caller] }), 0).outcome;
    expect(from('ASIALOCAL9ABCDEF0')).not.toBeNull();
    expect(from('local')).toBeNull();
  });
});

describe('an error is', () => {
  test.each([
    ['sqs:SendMessage', 500, 'InternalFailure'],
    ['sqs:SendMessage', 503, 'ServiceUnavailable'],
    ['s3:PutObject', 500, 'InternalError'],
    ['s3:PutObject', 503, 'ServiceUnavailable'],
    ['ec2:RunInstances', 503, 'Unavailable'],
    ['s3:PutObject', 403, 'AccessDenied'],
  ])('what %s sends with status %i', (action, status, code) => {
    const { outcome } = decide(ruleOf({ kind: 'error', status }), call(action), 0);
    expect(outcome).toMatchObject({ kind: 'error', status, code });
  });
});

describe('how long a boot takes', () => {
  const delays = (duration: object, count = 2000) => {
    let rule = ruleOf({ kind: 'boot-delay', ...duration });
    return Array.from({ length: count }, () => {
      const decided = decide(rule, call('ec2:RunInstances'), 0);
      rule = decided.rule;
      return decided.outcome?.kind === 'boot-delay' ? decided.outcome.delayMs : NaN;
    });
  };
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;

  test('is constant without a spread', () => {
    expect(new Set(delays({ seconds: 3 }))).toEqual(new Set([3000]));
  });

  test.each([
    // The mean adds half of a uniform spread, all of an exponential one and nothing of a normal one, plus the slow share.
    ['uniform', { distribution: 'uniform' }, 12_500],
    ['exponential', { distribution: 'exponential' }, 15_000],
    ['normal', { distribution: 'normal', spreadSeconds: 2 }, 10_000],
    ['10 % slow by 60 s', { spreadSeconds: 0, slowShare: 0.1, slowSeconds: 60 }, 16_000],
  ])('has the expected mean for %s', (_name, duration, expectedMs) => {
    const average = mean(delays({ seconds: 10, spreadSeconds: 5, ...duration }));
    expect(Math.abs(average - expectedMs)).toBeLessThan(0.1 * expectedMs);
  });

  test('is always a number and never negative', () => {
    const durations = fc.record({
      seconds: fc.double({ min: 0, max: 3600, noNaN: true }),
      spreadSeconds: fc.double({ min: 0, max: 3600, noNaN: true }),
      distribution: fc.constantFrom('uniform', 'exponential', 'normal'),
    });
    fc.assert(
      fc.property(durations, (duration) => delays(duration, 20).every((delayMs) => delayMs >= 0)),
    );
  });
});

describe('an invalid fault is refused with a reason', () => {
  test.each([
    [undefined, /expected object/],
    [{ kind: 'earthquake' }, /kind/],
    [{ kind: 'throttle', probability: 2 }, /probability/],
    [{ kind: 'throttle', probabilty: 0.5 }, /probabilty/],
    [{ kind: 'throttle', probability: 0.5, every: 2 }, /exclude each other/],
    [{ kind: 'capacity', match: { queue: 'q' } }, /match/],
    [{ kind: 'latency' }, /seconds/],
    [{ kind: 'error', status: 200 }, /status/],
    [{ kind: 'throttle', id: 'log' }, /id/],
  ])('%j', (input, wrong) => {
    expect(parseFault(input)).toEqual({ wrong: expect.stringMatching(wrong) as string });
  });
});
