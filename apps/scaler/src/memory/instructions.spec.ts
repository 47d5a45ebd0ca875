import { newestInstruction, WORKER_TAGS } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { aHeartbeat, NOW, takenOver } from '../testing/builders.ts';
import { decideTerminate, EMPTY_MEMORY } from './fleet-memory.ts';
import { instruct, instructionsDue, instructionSet } from './instructions.ts';

describe('the current instruction', () => {
  it('is due until it has been set', () => {
    const instructed = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    expect(instructionsDue(instructed, new Map())).toMatchObject([{ instanceId: 'i-1' }]);
    expect(instructionsDue(instructionSet(instructed, 'i-1', NOW), new Map())).toEqual([]);
  });

  it('has a later id than every one before it, also of an earlier scaler with a later clock', () => {
    const earlier = `${NOW + 90_000}-old`;
    const drain = instruct(EMPTY_MEMORY, 'i-1', 'drain', earlier, NOW, 'x');
    const resume = instruct(drain, 'i-1', 'resume', earlier, NOW, 'y');
    expect(
      newestInstruction({
        [WORKER_TAGS.drain]: drain.instructions['i-1']?.id ?? '',
        [WORKER_TAGS.resume]: resume.instructions['i-1']?.id ?? '',
      })?.kind,
    ).toBe('resume');
    expect(newestInstruction({ [WORKER_TAGS.resume]: earlier, ...tag(drain) })?.kind).toBe('drain');
  });

  it.each([
    ['the current id', 'current', 5000, false],
    ['an older id, when it may not have read its tags yet', 'older', 4999, false],
    ['an older id, when it must have read them', 'older', 5000, true],
    ['no id at all', undefined, 5000, true],
  ])('is set again when a worker reports %s', (_, reported, afterMs, again) => {
    const instructed = instructionSet(
      instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x'),
      'i-1',
      NOW,
    );
    const current = instructed.instructions['i-1']?.id;
    const instructionId = reported === 'current' ? current : reported;
    const event = aHeartbeat('i-1', instructionId === undefined ? {} : { instructionId });
    const heartbeats = new Map([['i-1', { event, receivedAtMs: NOW + afterMs }]]);
    expect(instructionsDue(instructed, heartbeats)).toHaveLength(again ? 1 : 0);
  });

  it('is not set any more on an instance that is to be terminated', () => {
    const instructed = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    expect(instructionsDue(decideTerminate(instructed, 'i-1'), new Map())).toEqual([]);
  });

  it('is due again after a takeover, under the same id', () => {
    const instructed = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    const inherited = takenOver(instructionSet(instructed, 'i-1', NOW), NOW);
    expect(instructionsDue(inherited, new Map())).toEqual([
      { instanceId: 'i-1', instruction: instructed.instructions['i-1'] },
    ]);
  });
});

function tag(memory: ReturnType<typeof instruct>): Record<string, string> {
  const instruction = memory.instructions['i-1'];
  return instruction === undefined ? {} : { [WORKER_TAGS[instruction.kind]]: instruction.id };
}
