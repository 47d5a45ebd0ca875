import type { FleetView, Worker } from '../../observation.ts';
import { callable, drainsAsBoot } from '../../scale-out.ts';
import type { Times } from './expect-times.ts';
import type { Tuning } from './tuning.ts';

/** What the fleet can do within the horizon if nothing is changed about it. */
export interface Supply {
  /** Workers that serve. */
  up: number;
  /** Seconds until each boot that still counts is expected to end, soonest first. */
  bootsDueInSeconds: readonly number[];
  /** Boots too old to count: they are terminated in time (F7), and replaced if they are needed. */
  overdue: number;
  /** `up` and the boots that count. */
  live: number;
  /** Images that they can settle within the horizon. */
  images: number;
  /** What each worker can that would be called back instead of launching one, in the order of calling back. */
  callable: readonly number[];
}

export function supplyOf(fleet: FleetView, times: Times, tuning: Tuning, now: number): Supply {
  const count = (...states: Worker['state'][]) =>
    fleet.workers.filter(({ state }) => states.includes(state)).length;
  const age = ({ launchedAtMs }: Worker) => (now - launchedAtMs) / 1000;
  const dueIn = (bootAge: number) => Math.max(times.bootP50 - bootAge, tuning.lateBootSeconds);
  const servingFrom = (due: number) => Math.max(0, times.horizon - due);

  const bootAges = [
    ...fleet.workers.filter(({ state }) => state === 'booting').map(age),
    ...Array.from({ length: fleet.openLaunches }, () => 0),
  ];
  const young = bootAges.filter((bootAge) => bootAge < times.bootOverdue);
  const bootsDueInSeconds = young.map(dueIn).sort((a, b) => a - b);
  const up = count('idle', 'busy');
  const servingSeconds = tuning.countBoots
    ? bootsDueInSeconds.reduce((sum, due) => sum + servingFrom(due), 0)
    : 0;
  return {
    up,
    bootsDueInSeconds,
    overdue: bootAges.length - young.length,
    live: up + young.length,
    images: (up * times.horizon + servingSeconds) / times.service,
    callable: callable(fleet).map(
      (worker) => servingFrom(drainsAsBoot(worker) ? dueIn(age(worker)) : 0) / times.service,
    ),
  };
}
