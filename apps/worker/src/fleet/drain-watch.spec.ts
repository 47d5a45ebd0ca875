import { fakeInstanceMetadata } from '@labelfleet/aws/testing';
import { makeInstructionId, WORKER_TAGS, type Instruction } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { watchForDrain } from './drain-watch.ts';
import { silentLog } from '../testing/builders.ts';
import { FakeClock } from '../testing/fake-clock.ts';

const drain = makeInstructionId(undefined, 1, 'a');
const resume = makeInstructionId(drain, 1, 'b');

/** A watch of an instance; reads of the metadata paths in `unreachable` fail. */
function watch() {
  const clock = new FakeClock();
  const followed: Instruction[] = [];
  const calls: string[] = [];
  const end = new AbortController();
  const unreachable = new Set<string>();
  const metadata = fakeInstanceMetadata({
    beforeCall: (_, path) => {
      if (unreachable.has(path)) throw new Error('connect ECONNREFUSED');
    },
  });
  let outcome: string | undefined = 'still watching';
  const follow = (instruction: Instruction) => {
    followed.push(instruction);
    calls.push('follow');
  };
  const watching = watchForDrain(
    { metadata, follow, onRead: () => calls.push('read'), clock, log: silentLog },
    end.signal,
  ).then((reason) => (outcome = reason));
  return { clock, followed, calls, end, metadata, unreachable, watching, outcome: () => outcome };
}

describe('the drain watch', () => {
  test('follows each new instruction once', async () => {
    const { clock, followed, metadata } = watch();
    await clock.advance(2_000);
    expect(followed).toEqual([]);
    metadata.setTags({ [WORKER_TAGS.drain]: drain });
    await clock.advance(6_000);
    expect(followed).toEqual([{ kind: 'drain', id: drain }]);
    metadata.setTags({ [WORKER_TAGS.drain]: drain, [WORKER_TAGS.resume]: resume });
    await clock.advance(2_000);
    expect(followed.slice(1)).toEqual([{ kind: 'resume', id: resume }]);
  });

  test('ignores an old instruction that a late call puts in the place of a newer one', async () => {
    const { clock, followed, metadata } = watch();
    const again = makeInstructionId(resume, 1, 'c');
    metadata.setTags({ [WORKER_TAGS.drain]: again, [WORKER_TAGS.resume]: resume });
    await clock.advance(2_000);
    metadata.setTags({ [WORKER_TAGS.drain]: drain, [WORKER_TAGS.resume]: resume });
    await clock.advance(2_000);
    metadata.setTags({ [WORKER_TAGS.drain]: again, [WORKER_TAGS.resume]: resume });
    await clock.advance(2_000);
    expect(followed).toEqual([{ kind: 'drain', id: again }]);
  });

  test('calls onRead after it has followed an instruction, and after a failed read', async () => {
    const { clock, calls, metadata, unreachable } = watch();
    metadata.setTags({ [WORKER_TAGS.drain]: drain });
    await clock.advance(0);
    expect(calls).toEqual(['follow', 'read']);
    unreachable.add('tags/instance');
    await clock.advance(2_000);
    expect(calls).toEqual(['follow', 'read', 'read']);
  });

  test('ends when a Spot notice appears', async () => {
    const { clock, metadata, outcome } = watch();
    metadata.setSpotInterruption({ action: 'terminate', at: new Date('2026-03-01T12:02:00Z') });
    await clock.advance(2_000);
    expect(outcome()).toBe('Spot notice: terminate at 2026-03-01T12:02:00.000Z');
  });

  test('ends when the tags cannot be read for 60 s without a break', async () => {
    const { clock, unreachable, outcome } = watch();
    unreachable.add('tags/instance');
    await clock.advance(58_000);
    unreachable.clear();
    await clock.advance(2_000);
    unreachable.add('tags/instance');
    await clock.advance(58_000);
    expect(outcome()).toBe('still watching');
    await clock.advance(4_000);
    expect(outcome()).toBe('the tags could not be read for 60 s');
  });

  test('follows instructions while the Spot notice cannot be read', async () => {
    const { clock, followed, metadata, unreachable } = watch();
    unreachable.add('spot/instance-action');
    metadata.setTags({ [WORKER_TAGS.drain]: drain });
    await clock.advance(2_000);
    expect(followed).toHaveLength(1);
  });

  test('ends without a reason when its signal is aborted', async () => {
    const { clock, end, watching } = watch();
    await clock.advance(2_000);
    end.abort();
    expect(await watching).toBeUndefined();
  });
});
