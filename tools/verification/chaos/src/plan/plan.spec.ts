import { expect, test } from 'vitest';
import { event, killed } from '../check/testing.ts';
import { makePlan } from './plan.ts';
import { POISON_STEP } from './poison.ts';
import { countDone, FAULT_KINDS, quotasFor, unmet } from './quotas.ts';
import { STEPS } from './steps.ts';

const TIMES = { workerSilentMs: 10_000, scalerSilentMs: 5000 };

test.each([1, 3, 10])('plans more than the quotas of a run of %d minutes', (minutes) => {
  const quotas = quotasFor(minutes);
  const acts = makePlan(7, minutes, TIMES).flatMap(({ planned }) => planned);
  const kills = acts.filter(({ act }) => act.kind === 'kill' || act.kind === 'kill-at');
  expect(kills.length).toBeGreaterThanOrEqual(quotas.kills);
  for (const step of STEPS) {
    const atStep = acts.filter(({ act }) => act.kind === 'kill-at' && act.step === step);
    expect(atStep.length).toBeGreaterThanOrEqual(quotas.killsAtStep);
  }
  const inTime = acts.filter(({ atMs }) => atMs < minutes * 60_000);
  expect(inTime.length).toBeGreaterThanOrEqual(quotas.kills);
});

test('has quotas of 200 kills, 5 at each step and 20 faults of each kind for 10 minutes and more', () => {
  expect(quotasFor(10)).toMatchObject({ kills: 200, killsAtStep: 5, faults: 20, poisonous: 4 });
  expect(quotasFor(60)).toEqual(quotasFor(10));
});

test('plans the same for the same seed, and otherwise for another', () => {
  expect(makePlan(7, 2, TIMES)).toEqual(makePlan(7, 2, TIMES));
  expect(makePlan(7, 2, TIMES)).not.toEqual(makePlan(8, 2, TIMES));
});

test.each([
  ['after the image is stored', { key: ['01928d5c-0000-7000-8000-000000000001/a.png'] }],
  ['after the send', { body: ['{"requestId":"01928d5c-0000-7000-8000-000000000001"}'] }],
])('names the request that was held %s', (name, facts) => {
  const step = STEPS.find((each) => each.name === name);
  expect(step?.holding(facts)).toEqual(['01928d5c-0000-7000-8000-000000000001']);
});

const NONE = { kills: 0, killsAtStep: 0, faults: 0, poisonous: 0, traffic: {} };

const killedAt = (step: string, holding: string[], count = 1) =>
  Array.from({ length: count }, () => killed(0, 'i-1', { step, holding, late: false }));

test('counts a kill at a step only when a request was held', () => {
  const { name = '' } = STEPS[0] ?? {};
  const done = countDone([...killedAt(name, []), ...killedAt(name, ['one'])]);
  expect(done).toMatchObject({ kills: 2, atStep: { [name]: 1 } });
  const missing = unmet(done, { ...NONE, kills: 2, killsAtStep: 1 });
  expect(missing).toEqual(STEPS.slice(1).map((step) => `kills ${step.name}: 0 of 1`));
});

test('counts every kind of fault', () => {
  const hit = (fault: string) =>
    event(0, { kind: 'fault', fault, action: 'sqs:SendMessage', caller: 'gateway-1' });
  const { faults } = countDone(Object.values(FAULT_KINDS).map(hit));
  expect(Object.values(faults)).toEqual(Object.values(FAULT_KINDS).map(() => 1));
});

test('counts no fault of an outage', () => {
  const happened = { fault: 'error', action: 's3:GetObject', caller: 'gateway-1' };
  const { faults } = countDone([
    event(1, { kind: 'phase', name: 'outages' }),
    event(2, { kind: 'fault', ...happened }),
  ]);
  expect(faults['launch refused']).toBe(0);
});

test('counts a poison image when it has killed a worker with every attempt', () => {
  const events = [...killedAt(POISON_STEP, ['a'], 4), ...killedAt(POISON_STEP, ['b'], 3)];
  expect(countDone(events).poisonous).toBe(1);
});
