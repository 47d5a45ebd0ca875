import { POLICY_NAMES, type ScalingSettings } from '@labelfleet/scaling';
import { describe, expect, it } from 'vitest';
import { NOTHING_KNOWN, takeHeartbeat, type FleetKnowledge } from './fleet-knowledge.ts';
import { decideTerminate, EMPTY_MEMORY } from '../memory/fleet-memory.ts';
import { watchHealth } from './health-watch.ts';
import { aHeartbeat, anInstance, NOW } from '../testing/builders.ts';
import { createTestScaler } from '../testing/test-scaler.ts';

interface Row {
  title: string;
  silentSeconds: number;
  /** True if this scaler has a heartbeat of it. */
  reported: boolean;
  boots?: number[];
  state?: 'launching' | 'running' | 'stopping' | 'stopped';
  ending?: boolean;
  longUp?: boolean;
  verdict: 'well' | 'suspected' | 'silent' | 'never-reported' | 'stopped';
}

const rows: Row[] = [
  { title: 'heard 14 s ago', silentSeconds: 14, reported: true, verdict: 'well' },
  { title: 'heard 15 s ago', silentSeconds: 15, reported: true, verdict: 'suspected' },
  { title: 'heard 44 s ago', silentSeconds: 44, reported: true, verdict: 'suspected' },
  { title: 'heard 45 s ago', silentSeconds: 45, reported: true, verdict: 'silent' },
  {
    title: 'silent, and being terminated',
    silentSeconds: 90,
    reported: true,
    ending: true,
    verdict: 'well',
  },
  { title: 'shutting down', silentSeconds: 90, reported: true, state: 'stopping', verdict: 'well' },
  {
    title: 'stopped, which no part of labelfleet does',
    silentSeconds: 0,
    reported: true,
    state: 'stopped',
    verdict: 'stopped',
  },
  {
    title: 'stopped before its first heartbeat',
    silentSeconds: 0,
    reported: false,
    state: 'stopped',
    verdict: 'stopped',
  },
  {
    title: 'stopped, and being terminated',
    silentSeconds: 0,
    reported: true,
    state: 'stopped',
    ending: true,
    verdict: 'well',
  },
  // No boot measured: 3 x 75 s
  { title: 'booting for 224 s', silentSeconds: 224, reported: false, verdict: 'well' },
  { title: 'booting for 225 s', silentSeconds: 225, reported: false, verdict: 'never-reported' },
  {
    title: 'booting for 59 s where it takes 2 s: at least 60 s',
    silentSeconds: 59,
    reported: false,
    boots: [2],
    verdict: 'well',
  },
  {
    title: 'pending for 60 s where a boot takes 2 s',
    silentSeconds: 60,
    reported: false,
    boots: [2],
    state: 'launching',
    verdict: 'never-reported',
  },
  {
    title: 'booting for 149 s where few boots of 28 s take more than 50 s',
    silentSeconds: 149,
    reported: false,
    boots: [28],
    verdict: 'well',
  },
  {
    title: 'booting for 150 s where few boots of 28 s take more than 50 s',
    silentSeconds: 150,
    reported: false,
    boots: [28],
    verdict: 'never-reported',
  },
  {
    title: 'up for long, and silent to this scaler for 14 s',
    silentSeconds: 14,
    reported: false,
    longUp: true,
    verdict: 'well',
  },
  {
    title: 'up for long, and silent to this scaler for 15 s',
    silentSeconds: 15,
    reported: false,
    longUp: true,
    verdict: 'suspected',
  },
];

describe('a worker', () => {
  it.each(rows)('$title: $verdict', (row) => {
    const base: FleetKnowledge = {
      ...NOTHING_KNOWN,
      learned: { ...NOTHING_KNOWN.learned, bootSeconds: row.boots ?? [] },
      heardAtMs: new Map([['i-1', 0]]),
    };
    const heard = row.reported ? takeHeartbeat(base, aHeartbeat('i-1'), NOW) : base;
    const listening = { heardMs: row.silentSeconds * 1000, countedUntilMs: NOW };
    const memory = row.ending === true ? decideTerminate(EMPTY_MEMORY, 'i-1') : EMPTY_MEMORY;
    const instance = anInstance('i-1', { state: row.state ?? 'running' });
    const { suspected, lost } = watchHealth(
      [instance],
      { ...heard, listening },
      memory,
      () => row.longUp === true,
    );
    expect([...suspected.map(() => 'suspected'), ...lost.map(({ reason }) => reason)]).toEqual(
      row.verdict === 'well' ? [] : [row.verdict],
    );
  });
});

describe('workers that have stopped instead of being terminated', () => {
  it('are terminated, and stop counting against the maximum', async () => {
    const scaler = createTestScaler({ settings: { maxWorkers: 2 } });
    scaler.images(9);
    await scaler.tick();
    const ids = scaler.alive();
    for (const id of ids) {
      scaler.report(id, { busySlots: 1, imagesCompleted: 5 });
      scaler.ec2.setState(id, 'stopped');
    }
    expect(await scaler.tick()).toEqual(ids.map((id) => `TerminateInstances ${id}`));
    for (const id of ids) scaler.ec2.setState(id, 'terminated');
    expect(await scaler.tick()).toEqual(['RunInstances token-2']);
    expect(await scaler.metrics.registry.metrics()).toContain(
      'labelfleet_fleet_steps_total{step="silenced"} 0',
    );
  });
});

describe('a worker that falls silent', () => {
  async function atWork(settings: Partial<ScalingSettings> = {}) {
    const scaler = createTestScaler({ settings });
    scaler.images(1);
    await scaler.tick();
    await scaler.tick();
    const [id = ''] = scaler.alive();
    scaler.hear(1);
    scaler.report(id, { busySlots: 1, idleSeconds: 0 });
    scaler.images(0, 1);
    return { scaler, id };
  }

  it('is replaced at 15 s and terminated at 45 s, counted separately from scale-in', async () => {
    const { scaler, id } = await atWork();
    scaler.hear(14);
    expect(await scaler.tick(0)).toEqual([]);
    scaler.hear(1);
    expect(await scaler.tick(0)).toEqual(['RunInstances token-2']);
    expect((await scaler.snapshot())?.workers).toMatchObject({ busy: 0, suspected: 1 });
    expect(await scaler.metrics.registry.metrics()).toContain('labelfleet_workers_suspected 1');
    scaler.hear(29);
    expect(await scaler.tick(0)).toEqual([]);
    scaler.hear(1);
    expect(await scaler.tick(0)).toEqual([`TerminateInstances ${id}`]);
    const metrics = await scaler.metrics.registry.metrics();
    expect(metrics).toContain('labelfleet_fleet_steps_total{step="silenced"} 1');
    expect(metrics).toContain('labelfleet_fleet_steps_total{step="terminated"} 0');
    expect(metrics).toContain('labelfleet_workers_suspected 0');
  });

  it.each(['full', 'failed'] as const)('is not suspected while receives end %s', async (kind) => {
    const { scaler } = await atWork();
    scaler.hear(600, kind);
    expect(await scaler.tick(0)).toEqual([]);
  });

  it('is not terminated if its heartbeat comes in time', async () => {
    const { scaler, id } = await atWork();
    scaler.hear(14);
    scaler.report(id, { busySlots: 1, idleSeconds: 0 });
    scaler.hear(14);
    expect(await scaler.tick(0)).toEqual([]);
  });

  it.each(POLICY_NAMES)('is replaced while it is suspected, by the policy %s', async (policy) => {
    const { scaler } = await atWork({ policy });
    scaler.hear(15);
    expect(await scaler.tick(0)).toEqual(['RunInstances token-2']);
  });

  it.each(POLICY_NAMES)('counts again after a heartbeat, by the policy %s', async (policy) => {
    const { scaler, id } = await atWork({ policy });
    scaler.hear(44);
    scaler.report(id, { busySlots: 1, idleSeconds: 0 });
    expect(await scaler.tick(0)).toEqual([]);
    scaler.hear(15);
    scaler.report(id, { busySlots: 1, idleSeconds: 0 });
    expect(await scaler.tick(0)).toEqual([]);
    expect(scaler.alive()).toEqual([id]);
  });

  it('is suspected by the next leader too, which has no heartbeat of it', async () => {
    const { scaler, id } = await atWork();
    // Boots take 42 s at first, so one of 113 s must have sent a heartbeat to another scaler (max(1.5 x 75, 42 + 10) = 112.5 s).
    scaler.clock.pass(113_000);
    await scaler.lease.giveUp();
    const next = createTestScaler({ cloud: scaler, name: 'next ' });
    next.hear(1);
    await next.tick(0);
    next.hear(14);
    expect(await next.tick(0)).toEqual([]);
    next.hear(1);
    expect(await next.tick(0)).toEqual(['RunInstances next token-1']);
    expect(scaler.alive()).toContain(id);
  });

  it('is replaced only if there is room, because it counts against the maximum until it has ended', async () => {
    const { scaler, id } = await atWork();
    scaler.images(5);
    await scaler.tick();
    expect(scaler.alive()).toHaveLength(5);
    scaler.hear(45);
    expect(await scaler.tick(0)).toEqual([`TerminateInstances ${id}`]);
    scaler.ec2.setState(id, 'terminated');
    expect(await scaler.tick(0)).toEqual(['RunInstances token-3']);
  });
});
