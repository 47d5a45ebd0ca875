import type { FleetView, Worker } from '../../observation.ts';
import { resumable, isDrainingBoot } from '../../scale-out.ts';
import type { Times } from './expect-times.ts';
import type { Tuning } from './tuning.ts';

/** What the fleet can do within the horizon without any change. */
export interface Supply {
  /** Workers that are up. */
  up: number;
  /** Seconds until each boot that still counts is expected to end, soonest first. */
  bootsDueInSeconds: readonly number[];
  /** Boots too old to count: they will be terminated (F7), and replaced if they are needed. */
  overdue: number;
  /** `up` and the boots that count. */
  live: number;
  /** Images that the live workers can complete within the horizon. */
  images: number;
  /** Images that each resumable worker can complete within the horizon, in the order in which workers are resumed. */
  resumable: readonly number[];
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
  const servingSeconds = bootsDueInSeconds.reduce((sum, due) => sum + servingFrom(due), 0);
  return {
    up,
    bootsDueInSeconds,
    overdue: bootAges.length - young.length,
    live: up + young.length,
    images: (up * times.horizon + servingSeconds) / times.service,
    resumable: resumable(fleet).map(
      (worker) => servingFrom(isDrainingBoot(worker) ? dueIn(age(worker)) : 0) / times.service,
    ),
  };
}
