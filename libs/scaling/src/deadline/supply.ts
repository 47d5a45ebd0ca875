import type { FleetView, Worker } from '../observation.ts';
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
  /** Workers that can be called back instead of being launched. */
  callable: number;
  /** Images that they can settle within the horizon. */
  images: number;
}

export function supplyOf(fleet: FleetView, times: Times, tuning: Tuning, now: number): Supply {
  const count = (...states: Worker['state'][]) =>
    fleet.workers.filter(({ state }) => states.includes(state)).length;
  const bootAges = [
    ...fleet.workers
      .filter(({ state }) => state === 'booting')
      .map(({ launchedAtMs }) => (now - launchedAtMs) / 1000),
    ...Array.from({ length: fleet.openLaunches }, () => 0),
  ];
  const young = bootAges.filter((age) => age < times.bootOverdue);
  const bootsDueInSeconds = young
    .map((age) => Math.max(times.bootP50 - age, tuning.lateBootSeconds))
    .sort((a, b) => a - b);
  const up = count('idle', 'busy');
  const servingSeconds = tuning.countBoots
    ? bootsDueInSeconds.reduce((sum, due) => sum + Math.max(0, times.horizon - due), 0)
    : 0;
  return {
    up,
    bootsDueInSeconds,
    overdue: bootAges.length - young.length,
    live: up + young.length,
    callable: count('draining', 'drained'),
    images: (up * times.horizon + servingSeconds) / times.service,
  };
}
