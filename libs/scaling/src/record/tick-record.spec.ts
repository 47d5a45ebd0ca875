import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../decide.ts';
import { initialMemory } from '../decision-memory.ts';
import { DEFAULT_TUNING } from '../policies/deadline/tuning.ts';
import { learnBoot, learnJobImages, learnService, NOTHING_LEARNED } from '../learned.ts';
import {
  aJob,
  aWorker,
  NOW,
  observed,
  someSettings,
  someWork,
  withChunk,
} from '../testing/builders.ts';
import { encodeTick, replayTick, type TickInputs } from './tick-record.ts';

const { booting, busy, idle, draining, drained, suspected, leaving } = aWorker;

const inputs = (overrides: Partial<TickInputs> = {}): TickInputs => ({
  now: NOW,
  settings: someSettings({ policy: 'deadline' }),
  memory: initialMemory,
  observation: observed(0),
  ...overrides,
});
const record = (of: TickInputs) =>
  encodeTick(of, decide(of.observation, of.memory, of.settings, of.now));

function replayed(line: string) {
  const result = replayTick(line);
  if (result.kind === 'malformed') throw new Error(result.reason);
  return result.value;
}

const learned = learnBoot(learnService(NOTHING_LEARNED, someWork(3, 1)), 40.123);

describe('a recorded tick', () => {
  it.each<[string, TickInputs]>([
    ['nothing at all', inputs()],
    [
      'workers in every state',
      inputs({
        observation: {
          ...observed(
            { visible: 70, inFlight: 9 },
            [
              booting('i-1', 20),
              busy('i-2'),
              { ...idle('i-3', 9.5), model: 'starter/1' },
              draining('i-4', false),
              drained('i-5'),
              leaving('i-6'),
              suspected('i-7', 2),
            ],
            2,
          ),
          learned,
          completed: 70,
        },
      }),
    ],
    [
      'jobs, and workers with chunks',
      inputs({
        memory: {
          ...initialMemory,
          jobs: { workers: 3, requests: { completed: 9, atMs: NOW - 2000, perSecond: 0.25 } },
        },
        observation: {
          ...observed(1, [
            withChunk('i-1'),
            { id: 'i-2', launchedAtMs: NOW, state: 'busy', chunks: 2 },
          ]),
          learned: learnJobImages(learned, 100, 50),
          completed: 12,
          jobs: {
            kind: 'known',
            value: [aJob(80_000, { completeByMs: NOW + 3_600_000 }), aJob(3, { state: 'stopped' })],
          },
        },
      }),
    ],
    [
      'no sight of the jobs',
      inputs({ observation: { ...observed(3), jobs: { kind: 'unknown', reason: 'no answer' } } }),
    ],
    [
      'no sight of the queue',
      inputs({
        observation: { ...observed(3), backlog: { kind: 'unknown', reason: 'no answer' } },
      }),
    ],
    [
      'other constants',
      inputs({
        settings: someSettings({ policy: 'deadline', tuning: { ...DEFAULT_TUNING, beta: 1 } }),
      }),
    ],
    ['a configured idle time', inputs({ settings: someSettings({ idleBeforeReleaseSeconds: 7 }) })],
  ])('is replayed to the same byte: %s', (_, of) => {
    const again = replayed(record(of));
    expect(again.again).toBe(again.recorded);
    expect(again.same).toBe(true);
    expect(again.inputs).toEqual(of);
  });

  it('is replayed to the same byte after a series of ticks, whatever was observed', () => {
    const looks = fc.array(
      fc.record({
        visible: fc.nat(400),
        inFlight: fc.nat(40),
        up: fc.nat(6),
        seconds: fc.double({ min: 0.5, max: 70, noNaN: true }),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(looks, (series) => {
        let { memory, now } = inputs();
        for (const { visible, inFlight, up, seconds } of series) {
          now += seconds * 1000;
          const workers = Array.from({ length: up }, (_, index) => ({
            ...idle(`i-${index}`, index * 30.7),
            reportedAtMs: now - 1000,
          }));
          const observation = {
            ...observed({ visible, inFlight }, workers),
            learned,
            completed: 7,
          };
          const of = inputs({ now, memory, observation });
          const decided = decide(observation, memory, of.settings, now);
          expect(replayed(encodeTick(of, decided)).same).toBe(true);
          ({ memory } = decided);
        }
      }),
    );
  });

  it('shows if the present decision differs', () => {
    const line = record(inputs({ observation: observed(5) }));
    const changed = replayed(line.replace('"launch":1', '"launch":2'));
    expect(changed.same).toBe(false);
    expect(JSON.parse(changed.recorded)).toMatchObject({ decision: { launch: 2 } });
    expect(JSON.parse(changed.again)).toMatchObject({ decision: { launch: 1 } });
  });

  it.each([
    ['is cut off', '{"v":3,"now":17'],
    ['is of another version', record(inputs()).replace('"v":3', '"v":2')],
    ['lacks its memory', record(inputs()).replace('"memory"', '"memories"')],
  ])('is malformed when it %s', (_, line) => {
    expect(replayTick(line).kind).toBe('malformed');
  });
});
