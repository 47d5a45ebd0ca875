import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { event, killed, second } from '../check/testing.ts';
import {
  ANYWHERE,
  OUTAGES,
  type Happening,
  type HistoryEvent,
  type Role,
} from '../history/event.ts';
import { backgroundFaults } from '../plan/background-faults.ts';
import { makePlan, type Act } from '../plan/plan.ts';
import { FAULTS, type Fault } from './raised-alerts.ts';

const faults: Readonly<Record<string, Fault>> = FAULTS;

/** The names of the faults that an event is. */
const namesOf = (happened: HistoryEvent) =>
  Object.keys(faults).filter((name) => (faults[name]?.amount([happened], Infinity) ?? 0) > 0);

const LAUNCH = 'ec2:RunInstances';
const OF_LAUNCHES = ['capacity', 'error', 'boot-failure'];
const NEVER_OF_LAUNCHES = ['stale-describe', 'duplicate-delivery'];

const hits = [...backgroundFaults(7).map((fault) => (fault as { kind: string }).kind), 'hold']
  .filter((kind, index, kinds) => kinds.indexOf(kind) === index)
  .flatMap((kind) => [
    ...(OF_LAUNCHES.includes(kind) ? [] : [[kind, 'sqs:ReceiveMessage']]),
    ...(NEVER_OF_LAUNCHES.includes(kind) ? [] : [[kind, LAUNCH]]),
  ]);

test.each(hits)('the table has the fault %s of %s, once', (fault = '', action = '') => {
  const hit = event(0, { kind: 'fault', fault, action, caller: 'scaler-1' });
  expect(namesOf(hit)).toHaveLength(1);
});

function happeningOf(role: Role, act: Act): Happening {
  switch (act.kind) {
    case 'kill':
    case 'kill-at':
      return { kind: 'killed', role, name: role, pid: 1, ...ANYWHERE };
    case 'stall':
      return { kind: 'stalled', role, name: role, pid: 1, forMs: act.forMs };
    case 'delay':
      return { kind: 'delayed', role, caller: role, step: act.step.name, holding: [], forMs: 1 };
  }
}

const acts = makePlan(7, 10, { workerSilentMs: 1, scalerSilentMs: 1 }).flatMap(
  ({ role, planned }) =>
    planned.map(({ act }) => [role, act.kind, event(0, happeningOf(role, act))] as const),
);
const kindsOfActs = [...new Map(acts.map((each) => [`${each[0]} ${each[1]}`, each])).values()];

test.each(kindsOfActs)('the table has what is planned for a %s: %s, once', (_role, _kind, act) => {
  expect(namesOf(act)).toHaveLength(1);
});

test.each(OUTAGES)('the table has the outage %s, once, and it raises an alert', (outage) => {
  const names = namesOf(event(0, { kind: 'outage', outage, forMs: 1000 }));
  expect(names).toHaveLength(1);
  expect(Object.keys(faults[names[0] ?? '']?.raises ?? {})).not.toEqual([]);
});

test('the table names alerts that exist', () => {
  const rules = readFileSync(
    fileURLToPath(import.meta.resolve('@labelfleet/observability/alerts.yml')),
    'utf8',
  );
  const named = Object.values(faults).flatMap(({ raises }) => Object.keys(raises));
  for (const alert of named) expect(rules).toContain(`- alert: ${alert}\n`);
});

test('counts a fault until a time', () => {
  const both = [killed(1, 'gateway-1'), killed(2, 'gateway-1')];
  const { amount } = FAULTS['killed gateway'];
  expect([0, 1, 2].map((seconds) => amount(both, second(seconds)))).toEqual([0, 1, 2]);
});

test('counts the seconds of an outage until a time, ten for three of the run', () => {
  const outage = event(0, { kind: 'outage', outage: 'gateway stopped', forMs: 6000 });
  const { amount } = FAULTS['gateway stopped'];
  const seconds = [0, 3, 6, 60].map((at) => amount([outage], second(at)));
  expect(seconds.map(Math.round)).toEqual([0, 10, 20, 20]);
});
