import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetMemory } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { decideTerminate, EMPTY_MEMORY } from '../memory/fleet-memory.ts';
import { instruct } from '../memory/instructions.ts';
import { aHeartbeat, anInstance, NOW } from '../testing/builders.ts';
import { viewFleet } from './view-fleet.ts';

const instructed = (kind: 'drain' | 'resume') =>
  instruct(EMPTY_MEMORY, 'i-1', kind, undefined, NOW, 'x');
const CURRENT = `${NOW}-x`;

interface Row {
  title: string;
  instance?: Partial<FleetInstance>;
  report?: Parameters<typeof aHeartbeat>[1];
  memory?: FleetMemory;
  suspected?: readonly string[];
  state: Record<string, unknown>;
}

const rows: Row[] = [
  {
    title: 'pending: booting',
    instance: { state: 'launching' },
    state: { state: 'booting' },
  },
  {
    title: 'running, launched by this scaler, no heartbeat yet: booting',
    instance: { launchedAt: new Date(NOW + 1) },
    state: { state: 'booting' },
  },
  {
    title: 'running before this scaler, no heartbeat yet: unknown counts as busy',
    state: { state: 'busy', unheard: true },
  },
  {
    title: 'without an image for a while: idle',
    report: { idleSeconds: 7 },
    state: { state: 'idle', idleSeconds: 7, reportedAtMs: NOW },
  },
  {
    title: 'without an image, but no poll returned empty yet: idle for 0 s',
    report: { idleSeconds: 0, model: 'everyday-100/1' },
    state: { state: 'idle', idleSeconds: 0, reportedAtMs: NOW, model: 'everyday-100/1' },
  },
  {
    title: 'of a version of the launch template',
    instance: { template: { id: 'lt-1', version: '7' } },
    report: { busySlots: 1 },
    state: { state: 'busy', template: { id: 'lt-1', version: '7' } },
  },
  {
    title: 'with images: busy',
    report: { busySlots: 1, idleSeconds: 0 },
    state: { state: 'busy' },
  },
  {
    title: 'with chunks of jobs and no request: idle with chunks',
    report: {
      idleSeconds: 7,
      jobs: { openChunks: 2, images: 9, classifySeconds: 1, processes: 2 },
    },
    state: { state: 'idle', idleSeconds: 7, reportedAtMs: NOW, chunks: 2 },
  },
  {
    title: 'with chunks and a request: busy with chunks',
    report: { busySlots: 1, jobs: { openChunks: 1, images: 9, classifySeconds: 1, processes: 2 } },
    state: { state: 'busy', chunks: 1 },
  },
  {
    title: 'instructed to drain, not confirmed by a heartbeat: draining',
    memory: instructed('drain'),
    report: { idleSeconds: 7 },
    state: { state: 'draining', instructed: true },
  },
  {
    title: 'instructed to drain before it is up: a boot that drains',
    instance: { state: 'launching' },
    memory: instructed('drain'),
    state: { state: 'draining', instructed: true, boots: true },
  },
  {
    title: 'instructed to drain, and running before this scaler: it may be working',
    memory: instructed('drain'),
    state: { state: 'draining', instructed: true },
  },
  {
    title: 'drains by its current instruction',
    memory: instructed('drain'),
    report: { state: 'draining', instructionId: CURRENT },
    state: { state: 'draining', instructed: true },
  },
  {
    title: 'drained by its current instruction',
    memory: instructed('drain'),
    report: { state: 'drained', instructionId: CURRENT },
    state: { state: 'drained' },
  },
  {
    title: 'drained by an older instruction, instructed to drain again: draining',
    memory: instructed('drain'),
    report: { state: 'drained', instructionId: '1-old' },
    state: { state: 'draining', instructed: true },
  },
  {
    title:
      'drained by an older instruction, instructed to resume since: busy until its next heartbeat',
    memory: instructed('resume'),
    report: { state: 'drained', instructionId: '1-old' },
    state: { state: 'busy' },
  },
  {
    title: 'working by its current instruction: idle',
    memory: instructed('resume'),
    report: { idleSeconds: 3, instructionId: CURRENT },
    state: { state: 'idle', idleSeconds: 3, reportedAtMs: NOW },
  },
  {
    title: 'drains although its current instruction is to work: it is stopping',
    memory: instructed('resume'),
    report: { state: 'draining', instructionId: CURRENT },
    state: { state: 'leaving' },
  },
  {
    title: 'drains without any instruction: it is stopping',
    report: { state: 'drained' },
    state: { state: 'leaving' },
  },
  {
    title: 'drained by the instruction of an earlier scaler: draining, not instructed',
    report: { state: 'drained', instructionId: '1-old' },
    state: { state: 'draining', instructed: false },
  },
  {
    title: 'working after a resume of an earlier scaler: idle',
    report: { idleSeconds: 3, instructionId: '1-old' },
    state: { state: 'idle', idleSeconds: 3, reportedAtMs: NOW },
  },
  { title: 'sent `stopped`: leaving', report: { type: 'stopped' }, state: { state: 'leaving' } },
  { title: 'shutting down: leaving', instance: { state: 'stopping' }, state: { state: 'leaving' } },
  {
    title: 'to be terminated: leaving, whatever its heartbeats say',
    memory: decideTerminate(EMPTY_MEMORY, 'i-1'),
    report: { idleSeconds: 9 },
    state: { state: 'leaving' },
  },
  {
    title: 'suspected, with two images in flight at its last heartbeat',
    report: { busySlots: 2, idleSeconds: 0, model: 'everyday-100/1' },
    suspected: ['i-1'],
    state: { state: 'suspected', images: 2, model: 'everyday-100/1' },
  },
  {
    title: 'suspected while it drains: it is not resumed',
    memory: instructed('drain'),
    report: { busySlots: 1, idleSeconds: 0 },
    suspected: ['i-1'],
    state: { state: 'suspected', images: 1 },
  },
  {
    title: 'suspected before its first heartbeat to this scaler: its images are unknown',
    suspected: ['i-1'],
    state: { state: 'suspected', images: 0 },
  },
  {
    title: 'suspected, and being terminated: leaving',
    memory: decideTerminate(EMPTY_MEMORY, 'i-1'),
    suspected: ['i-1'],
    state: { state: 'leaving' },
  },
];

describe('an instance', () => {
  it.each(rows)('$title', ({ instance, report, memory, suspected, state }) => {
    const listed = anInstance('i-1', instance);
    const heartbeats = new Map(
      report === undefined
        ? []
        : [['i-1', { event: aHeartbeat('i-1', report), receivedAtMs: NOW }]],
    );
    expect(
      viewFleet([listed], heartbeats, memory ?? EMPTY_MEMORY, NOW, suspected ?? []).workers,
    ).toEqual([{ id: 'i-1', launchedAtMs: listed.launchedAt.getTime(), ...state }]);
  });

  it('is left out after it is terminated', () => {
    const ended = anInstance('i-1', { state: 'terminated' });
    expect(viewFleet([ended], new Map(), EMPTY_MEMORY, NOW, [])).toEqual({
      workers: [],
      openLaunches: 0,
      refusedLaunches: 0,
    });
  });
});
