import { bootSeconds, jobImageSeconds, serviceSeconds } from '@labelfleet/scaling';
import { describe, expect, it } from 'vitest';
import {
  NOTHING_KNOWN,
  takeListing,
  takeHeartbeat,
  withOverlooked,
  type FleetKnowledge,
} from './fleet-knowledge.ts';
import { aHeartbeat, anInstance, NOW } from '../testing/builders.ts';

const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();
const takeAll = (...events: ReturnType<typeof aHeartbeat>[]): FleetKnowledge =>
  events.reduce((knowledge, event) => takeHeartbeat(knowledge, event, NOW), NOTHING_KNOWN);

describe('the newest heartbeat of a worker', () => {
  it('is kept, in whatever order heartbeats come', () => {
    const knowledge = takeAll(
      aHeartbeat('i-1', { at: at(3), busySlots: 1 }),
      aHeartbeat('i-1', { at: at(0), busySlots: 0 }),
      aHeartbeat('i-2', { at: at(1), busySlots: 2 }),
    );
    expect(knowledge.heartbeats.get('i-1')?.event.busySlots).toBe(1);
    expect(knowledge.heartbeats.get('i-2')?.event.busySlots).toBe(2);
  });

  it('does not become recent again if it is delivered twice', () => {
    const event = aHeartbeat('i-1');
    const twice = takeHeartbeat(takeHeartbeat(NOTHING_KNOWN, event, NOW), event, NOW + 30_000);
    expect(twice.heartbeats.get('i-1')?.receivedAtMs).toBe(NOW);
  });

  it.each([
    ['while its instance runs', [anInstance('i-1')], 600_000, true],
    ['until its instance has ended', [anInstance('i-1', { state: 'terminated' })], 0, false],
    ['while its launch may not be visible yet', [], 299_999, true],
    ['for no more than 5 min without an instance', [], 300_000, false],
  ])('is kept %s', (_, listed, afterMs, kept) => {
    const knowledge = takeListing(takeAll(aHeartbeat('i-1')), listed, NOW + afterMs);
    expect(knowledge.heartbeats.has('i-1')).toBe(kept);
  });
});

describe('the time of an image of a job', () => {
  const jobs = (images: number, classifySeconds: number) => ({
    jobs: { openChunks: 1, images, classifySeconds, processes: 2 },
  });

  it('is what the processes of a worker spent on it, divided by their number', () => {
    const { learned } = takeAll(
      aHeartbeat('i-1', { at: at(0), ...jobs(10, 10) }),
      aHeartbeat('i-1', { at: at(3), ...jobs(16, 16) }),
      aHeartbeat('i-2', { at: at(3), ...jobs(4, 4) }),
      aHeartbeat('i-3', { at: at(3) }),
    );
    expect(jobImageSeconds(learned)).toBeCloseTo(0.5);
    expect(learned.jobs?.images).toBeCloseTo(20, 0);
    expect(serviceSeconds(learned)).toBeNull();
  });

  it('counts a restarted process from 0', () => {
    const { learned } = takeAll(
      aHeartbeat('i-1', { at: at(0), ...jobs(10, 10) }),
      aHeartbeat('i-1', { at: at(3), ...jobs(2, 2) }),
    );
    expect(learned.jobs?.images).toBeCloseTo(12, 0);
  });
});

describe('the boot time', () => {
  const launched = anInstance('i-1', { launchedAt: new Date(NOW - 42_000) });

  it('is learned from the listed launch and the reported process start', () => {
    const unseen = takeListing(takeAll(aHeartbeat('i-1', { type: 'started' })), [], NOW);
    expect(bootSeconds(unseen.learned, 0.5)).toBeNull();
    const seen = takeListing(takeListing(unseen, [launched], NOW), [launched], NOW);
    expect(bootSeconds(seen.learned, 0.5)).toBe(42);
    expect(seen.learned.bootSeconds).toHaveLength(1);
  });

  it('is learned by a scaler that starts later, from any heartbeat', () => {
    const knowledge = takeAll(aHeartbeat('i-1', { at: at(500), startedAt: at(-2) }));
    expect(takeListing(knowledge, [launched], NOW).learned.bootSeconds).toEqual([40]);
  });

  it('is not learned from a process that starts 15 minutes after its launch', () => {
    const knowledge = takeAll(aHeartbeat('i-1', { at: at(900), startedAt: at(858) }));
    expect(takeListing(knowledge, [launched], NOW).learned.bootSeconds).toEqual([]);
  });

  it('is not learned from a restarted process', () => {
    const knowledge = takeAll(
      aHeartbeat('i-1', { at: at(0) }),
      aHeartbeat('i-1', { at: at(9), type: 'started' }),
    );
    expect(takeListing(knowledge, [launched], NOW).learned.bootSeconds).toEqual([]);
  });
});

describe('the service time', () => {
  it('covers the work between two heartbeats, also of an image that takes longer than that', () => {
    const first = takeAll(aHeartbeat('i-1', { at: at(0) }));
    const work = [
      aHeartbeat('i-1', { at: at(3), imagesCompleted: 4, busySeconds: 1 }),
      aHeartbeat('i-1', { at: at(6), imagesCompleted: 4, busySeconds: 3 }),
      aHeartbeat('i-1', { at: at(9), imagesCompleted: 20, busySeconds: 9 }),
    ].reduce((knowledge, event) => takeHeartbeat(knowledge, event, NOW), first);
    expect(serviceSeconds(work.learned)).toBeCloseTo(9 / 20, 2);
  });

  it('is that of full workers, once enough is known of them', () => {
    const work = [
      { at: at(0), imagesCompleted: 0, busySeconds: 0, fullSeconds: 0, completedWhileFull: 0 },
      { at: at(3), imagesCompleted: 12, busySeconds: 3, fullSeconds: 0.5, completedWhileFull: 4 },
      { at: at(6), imagesCompleted: 24, busySeconds: 6, fullSeconds: 1, completedWhileFull: 8 },
    ];
    const knowledge = takeAll(...work.map((report) => aHeartbeat('i-1', report)));
    expect(serviceSeconds(knowledge.learned)).toBeCloseTo(1 / 8);
  });

  it('continues after a restart, which counts from zero again', () => {
    const knowledge = takeAll(
      aHeartbeat('i-1', { at: at(0), imagesCompleted: 10, busySeconds: 5 }),
      aHeartbeat('i-1', { at: at(3), imagesCompleted: 2, busySeconds: 1 }),
    );
    expect(serviceSeconds(knowledge.learned)).toBeCloseTo(0.5);
  });
});

describe('the images completed', () => {
  it('are those of all workers, ended ones included, over restarts of their processes', () => {
    const knowledge = takeAll(
      aHeartbeat('i-1', { at: at(0), type: 'started' }),
      aHeartbeat('i-1', { at: at(3), imagesCompleted: 4, busySeconds: 1 }),
      aHeartbeat('i-2', { at: at(3), type: 'started' }),
      aHeartbeat('i-2', { at: at(6), imagesCompleted: 3, busySeconds: 1 }),
      aHeartbeat('i-1', { at: at(6), imagesCompleted: 1, busySeconds: 0.2 }),
    );
    const ended = takeListing(knowledge, [anInstance('i-1', { state: 'terminated' })], NOW);
    expect(ended.completed).toBe(4 + 3 + 1);
  });

  it('begin with the first heartbeat of a worker that ran before', () => {
    const knowledge = takeAll(
      aHeartbeat('i-1', { at: at(0), imagesCompleted: 5000, busySeconds: 900 }),
      aHeartbeat('i-1', { at: at(3), imagesCompleted: 5004, busySeconds: 901 }),
    );
    expect(knowledge.completed).toBe(4);
  });
});

describe('an instance that a listing leaves out', () => {
  const listed = takeListing(NOTHING_KNOWN, [anInstance('i-1'), anInstance('i-2')], NOW);

  it.each([
    ['is taken to be as it was', [anInstance('i-2')], 59_999, 2],
    ['is gone after a minute', [anInstance('i-2')], 60_000, 1],
    ['is gone at once where it is shown to be', [anInstance('i-1', { state: 'terminated' })], 0, 1],
  ] as const)('%s', (_, shown, afterMs, alive) => {
    const knowledge = takeListing(listed, shown, NOW + afterMs);
    const instances = withOverlooked(shown, knowledge);
    expect(instances.filter(({ state }) => state !== 'terminated')).toHaveLength(alive);
  });
});

describe('the time of a worker’s last heartbeat', () => {
  const later = (knowledge: FleetKnowledge, heardMs: number): FleetKnowledge => ({
    ...knowledge,
    listening: { heardMs, countedUntilMs: undefined },
  });

  it('is the time of its first listing, before any heartbeat', () => {
    const listed = takeListing(later(NOTHING_KNOWN, 7), [anInstance('i-1')], NOW);
    const again = takeListing(later(listed, 9), [anInstance('i-1')], NOW);
    expect(again.heardAtMs.get('i-1')).toBe(7);
    expect(takeHeartbeat(again, aHeartbeat('i-1'), NOW).heardAtMs.get('i-1')).toBe(9);
  });

  it('is set by any heartbeat, also an older one', () => {
    const newer = takeHeartbeat(NOTHING_KNOWN, aHeartbeat('i-1', { at: at(9) }), NOW);
    const older = takeHeartbeat(later(newer, 5), aHeartbeat('i-1', { at: at(3) }), NOW);
    expect(older.heardAtMs.get('i-1')).toBe(5);
    expect(older.heartbeats).toEqual(newer.heartbeats);
  });

  it('is forgotten with its instance', () => {
    const listed = takeListing(takeAll(aHeartbeat('i-1')), [anInstance('i-1')], NOW);
    const ended = takeListing(listed, [anInstance('i-1', { state: 'terminated' })], NOW);
    expect([...ended.heardAtMs]).toEqual([]);
  });
});
