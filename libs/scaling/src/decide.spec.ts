import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { initialMemory } from './decision-memory.ts';
import type { Decision } from './decision.ts';
import type { Observation } from './observation.ts';
import { aWorker, many, NOTHING, NOW, observed, someSettings } from './testing/builders.ts';

const { booting, busy, idle, draining, drained, suspected, leaving } = aWorker;

interface Row {
  title: string;
  observation: Observation;
  settings?: Parameters<typeof someSettings>[0];
  decision: Partial<Decision>;
  reason: string;
}

const rows: Row[] = [
  {
    title: 'ten images from an empty fleet, one worker each: 10',
    observation: observed(10),
    decision: { desired: 10, launch: 10 },
    reason: '10 images at one each want 10 workers; 0 live: 10 to launch',
  },
  {
    title: 'a hundred images, one worker each: max',
    observation: observed(100),
    decision: { desired: 20, launch: 20 },
    reason: '100 images at one each want 100 workers, 20 at most; 0 live: 20 to launch',
  },
  {
    title: 'twelve images, five a worker: ceil(12 / 5) = 3',
    observation: observed(12),
    settings: { policy: 'backlog-per-worker' },
    decision: { desired: 3, launch: 3 },
    reason: '12 images at 5 a worker want 3 workers; 0 live: 3 to launch',
  },
  {
    title: 'refused requests count as images, and the reason names them: 2 + 3 = 5',
    observation: { ...observed(2), refused: 3 },
    decision: { desired: 5, launch: 5 },
    reason: '2 images and 3 refused lately at one each want 5 workers; 0 live: 5 to launch',
  },
  {
    title: 'refused requests at five a worker: ceil(6 / 5) = 2',
    observation: { ...observed(0), refused: 6 },
    settings: { policy: 'backlog-per-worker' },
    decision: { desired: 2, launch: 2 },
    reason: '0 images and 6 refused lately at 5 a worker want 2 workers; 0 live: 2 to launch',
  },
  {
    title: 'no image, at least two workers',
    observation: observed(0),
    settings: { minWorkers: 2 },
    decision: { desired: 2, launch: 2 },
    reason: '0 images at one each want 0 workers, 2 at least; 0 live: 2 to launch',
  },
  {
    title: 'a suspected worker is no capacity: 1 in flight wants 1, 0 live',
    observation: observed({ visible: 0, inFlight: 1 }, [suspected('i-1')]),
    decision: { desired: 1, launch: 1 },
    reason: '1 image at one each want 1 worker; 0 live, 1 suspected: 1 to launch',
  },
  {
    title: 'a suspected worker counts against max: 3 wanted, 2 live, 3 at most',
    observation: observed(3, [...many(2, busy), suspected('i-9')]),
    settings: { maxWorkers: 3 },
    decision: { desired: 3, launch: 0 },
    reason:
      '3 images at one each want 3 workers; 2 live, 1 suspected: 1 without room until others have ended',
  },
  {
    title: 'by five a worker, ceil(5 / 5) = 1, and the suspected one does not count',
    observation: observed({ visible: 0, inFlight: 5 }, [suspected('i-1', 5)]),
    settings: { policy: 'backlog-per-worker' },
    decision: { desired: 1, launch: 1 },
    reason: '5 images at 5 a worker want 1 worker; 0 live, 1 suspected: 1 to launch',
  },
  {
    title: 'at least two workers, and of two one is suspected',
    observation: observed(0, [busy('i-1'), suspected('i-2', 0)]),
    settings: { minWorkers: 2 },
    decision: { desired: 2, launch: 1 },
    reason: '0 images at one each want 0 workers, 2 at least; 1 live, 1 suspected: 1 to launch',
  },
  {
    title: 'images in flight keep their workers: 2 + 3 = 5 wanted, 5 live',
    observation: observed({ visible: 2, inFlight: 3 }, [...many(3, busy), booting('i-8')], 1),
    decision: { desired: 5 },
    reason: '5 images at one each want 5 workers; 5 live: nothing to do',
  },
  {
    title: 'the end of a run launches nothing: 15 in flight, 5 idle for long enough released',
    observation: observed({ visible: 0, inFlight: 15 }, [
      ...many(15, busy),
      ...['i-20', 'i-21', 'i-22', 'i-23', 'i-24'].map((id) => idle(id, 5)),
    ]),
    decision: { desired: 15, drain: ['i-20', 'i-21', 'i-22', 'i-23', 'i-24'] },
    reason: '15 images at one each want 15 workers; 20 live: 5 to drain',
  },
  {
    title: 'draining and leaving instances count against max: 20 - 3 - 1 - 15 - 1 open = 0',
    observation: observed(
      40,
      [...many(15, busy), leaving('i-20'), leaving('i-21'), leaving('i-22'), draining('i-23')],
      1,
    ),
    decision: { desired: 20, resume: ['i-23'], launch: 0 },
    reason:
      '40 images at one each want 40 workers, 20 at most; 16 live: 1 to resume, 3 without room until others have ended',
  },
  {
    title: 'draining workers are resumed before new ones are launched, the drained ones last',
    observation: observed(4, [drained('i-1'), draining('i-2'), draining('i-3', false)]),
    decision: { desired: 4, resume: ['i-2', 'i-3', 'i-1'], launch: 1 },
    reason: '4 images at one each want 4 workers; 0 live: 3 to resume, 1 to launch',
  },
  {
    title: 'drained workers that are not needed are terminated',
    observation: observed(1, [busy('i-1'), drained('i-2'), draining('i-3')]),
    decision: { desired: 1, terminate: ['i-2'] },
    reason: '1 image at one each want 1 worker; 1 live: 1 to terminate',
  },
  {
    title:
      'a worker that drains by an unknown instruction is instructed again while it is not needed',
    observation: observed(0, [draining('i-1', false)]),
    decision: { desired: 0, drain: ['i-1'] },
    reason: '0 images at one each want 0 workers; 0 live: 1 to drain again',
  },
  {
    title: 'idle for less than 5 s, or only by a heartbeat older than 10 s: stays',
    observation: observed(0, [idle('i-1', 4.9), idle('i-2', 30, 11), busy('i-3'), booting('i-4')]),
    decision: { desired: 0 },
    reason: '0 images at one each want 0 workers; 4 live: 4 too many, but not idle for long enough',
  },
  {
    title: 'backlog-per-worker lets a worker be idle for 60 s',
    observation: observed(0, [idle('i-1', 59.9), idle('i-2', 60)]),
    settings: { policy: 'backlog-per-worker' },
    decision: { desired: 0, drain: ['i-2'] },
    reason:
      '0 images at 5 a worker want 0 workers; 2 live: 1 to drain, 1 too many, but not idle for long enough',
  },
  {
    title: 'a configured idle time replaces the policy’s; before an empty poll no worker is idle',
    observation: observed(0, [idle('i-1', 0), idle('i-2', 0.1)]),
    settings: { idleBeforeReleaseSeconds: 0 },
    decision: { desired: 0, drain: ['i-2'] },
    reason:
      '0 images at one each want 0 workers; 2 live: 1 to drain, 1 too many, but not idle for long enough',
  },
  {
    title: 'the longest idle go first, and only as many as are too many',
    observation: observed(1, [idle('i-1', 9), idle('i-2', 20), idle('i-3', 12)]),
    decision: { desired: 1, drain: ['i-2', 'i-3'] },
    reason: '1 image at one each want 1 worker; 3 live: 2 to drain',
  },
  {
    title: 'without the depth of the queue nothing changes',
    observation: {
      ...observed(0, [idle('i-1', 99), drained('i-2')]),
      backlog: { kind: 'unknown', reason: 'timed out' },
    },
    decision: { desired: 7 },
    reason: 'the depth of the request queue is unknown (timed out): no change',
  },
  {
    title: 'without a listing of the fleet nothing is launched',
    observation: { ...observed(50), fleet: { kind: 'unknown', reason: 'RequestLimitExceeded' } },
    decision: { desired: 7 },
    reason: 'the fleet is unknown (RequestLimitExceeded): no change',
  },
];

describe('a decision', () => {
  it.each(rows)('$title', ({ observation, settings, decision, reason }) => {
    const decided = decide(
      observation,
      { ...initialMemory, desired: 7 },
      someSettings(settings),
      NOW,
    );
    expect(decided.decision).toEqual({ ...NOTHING, ...decision });
    expect(decided.reason).toBe(reason);
  });

  it('keeps the demand while something cannot be observed', () => {
    const first = decide(observed(3), initialMemory, someSettings(), NOW);
    const blind = { ...observed(0), backlog: { kind: 'unknown', reason: 'timed out' } as const };
    const second = decide(blind, first.memory, someSettings(), NOW);
    expect(second.decision.desired).toBe(3);
    expect(second.memory).toEqual({ ...first.memory, unseenSinceMs: NOW });
  });
});

describe('launches that were refused but may still come', () => {
  it('count against the maximum, and not as expected workers', () => {
    const fleet = { workers: [aWorker.busy('a')], openLaunches: 1, refusedLaunches: 2 };
    const { decision } = decide(
      { ...observed(10), fleet: { kind: 'known', value: fleet } },
      initialMemory,
      someSettings({ maxWorkers: 6 }),
      NOW,
    );
    // Six wanted, two live: four are missing, and there is room for 6 - 1 - 1 - 2.
    expect(decision).toMatchObject({ desired: 6, launch: 2 });
  });
});
