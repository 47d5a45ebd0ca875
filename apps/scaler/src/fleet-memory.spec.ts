import type { LaunchRequest } from '@labelfleet/aws/fleet';
import { newestInstruction, WORKER_TAGS } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import {
  decideTerminate,
  EMPTY_MEMORY,
  inherit,
  instruct,
  instructionsDue,
  instructionSet,
  intend,
  launchAnswered,
  maySend,
  openLaunches,
  reconcile,
  sendAgain,
  unansweredIntent,
} from './fleet-memory.ts';
import { aReport, anInstance, NOW } from './testing/builders.ts';

const request = (clientToken: string, count: number): LaunchRequest => ({
  clientToken,
  count,
  launchTemplateId: 'lt-1',
  launchTemplateVersion: '3',
  market: 'on-demand',
  tags: { [WORKER_TAGS.launch]: clientToken },
});
const launchedBy = (token: string, id: string) =>
  anInstance(id, { tags: { [WORKER_TAGS.launch]: token } });

describe('an open launch', () => {
  const asked = intend(EMPTY_MEMORY, request('a', 3), NOW);

  it('counts whole until EC2 has answered', () => {
    expect(openLaunches(asked, [])).toEqual({ coming: 3, refused: 0 });
    expect(unansweredIntent(asked)?.request.clientToken).toBe('a');
  });

  it('counts what EC2 said it launched, less what can be seen of it', () => {
    const answered = launchAnswered(asked, 'a', { kind: 'launched', instances: 2 });
    expect(unansweredIntent(answered)).toBeUndefined();
    expect(openLaunches(answered, []).coming).toBe(2);
    expect(openLaunches(answered, [launchedBy('a', 'i-1'), launchedBy('b', 'i-2')]).coming).toBe(1);
  });

  it('is seen in instances that have ended already', () => {
    const ended = { ...launchedBy('a', 'i-1'), state: 'terminated' } as const;
    const answered = launchAnswered(asked, 'a', { kind: 'launched', instances: 1 });
    expect(openLaunches(answered, [ended]).coming).toBe(0);
  });

  it('is forgotten when all of it can be seen, when it was refused, and after 6.5 min', () => {
    const seen = [launchedBy('a', 'i-1'), launchedBy('a', 'i-2'), launchedBy('a', 'i-3')];
    expect(reconcile(asked, seen, NOW).intents).toEqual([]);
    expect(reconcile(launchAnswered(asked, 'a', { kind: 'refused' }), [], NOW).intents).toEqual([]);
    expect(reconcile(asked, [], NOW + 389_999).intents).toHaveLength(1);
    expect(reconcile(asked, [], NOW + 390_000).intents).toEqual([]);
  });

  it('may be sent for 30 s: a call that came later could outlive it', () => {
    const intent = unansweredIntent(asked);
    expect(intent && maySend(intent, NOW + 29_999)).toBe(true);
    expect(intent && maySend(intent, NOW + 30_000)).toBe(false);
  });
});

describe('a launch of which a call may still be under way', () => {
  const asked = intend(EMPTY_MEMORY, request('a', 3), NOW);
  const LATER = NOW + 200_000;

  it.each([
    ['no answer came to a call', launchAnswered(asked, 'a', { kind: 'unanswered' }), NOW],
    ['it was taken over', inherit(asked, LATER), LATER],
  ])('counts against max for 6.5 min although EC2 refused it, when %s', (_, memory, fromMs) => {
    const refused = launchAnswered(memory, 'a', { kind: 'refused' });
    expect(unansweredIntent(refused)).toBeUndefined();
    expect(openLaunches(refused, [])).toEqual({ coming: 0, refused: 3 });
    expect(openLaunches(refused, [launchedBy('a', 'i-1')])).toEqual({ coming: 0, refused: 2 });
    expect(reconcile(refused, [], fromMs + 389_999).intents).toHaveLength(1);
    expect(reconcile(refused, [], fromMs + 390_000).intents).toEqual([]);
  });

  it('is counted for 6.5 min from its last call', () => {
    const again = sendAgain(asked, 'a', LATER);
    expect(reconcile(again, [], LATER + 389_999).intents).toHaveLength(1);
  });

  it.each([
    ['was refused, with every call answered', launchAnswered(asked, 'a', { kind: 'refused' }), 0],
    ['has been answered', launchAnswered(asked, 'a', { kind: 'launched', instances: 2 }), 2],
    ['has not been answered', asked, 3],
  ])('counts as what it is after a takeover, when it %s', (_, memory, counted) => {
    const { coming, refused } = openLaunches(inherit(memory, LATER), []);
    expect(coming + refused).toBe(counted);
  });
});

describe('the current instruction', () => {
  it('is to be set until it has been', () => {
    const told = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    expect(instructionsDue(told, new Map())).toMatchObject([{ instanceId: 'i-1' }]);
    expect(instructionsDue(instructionSet(told, 'i-1', NOW), new Map())).toEqual([]);
  });

  it('comes after every one before it, of this scaler and of an earlier one with a later clock', () => {
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
    const told = instructionSet(
      instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x'),
      'i-1',
      NOW,
    );
    const current = told.instructions['i-1']?.id;
    const instructionId = reported === 'current' ? current : reported;
    const event = aReport('i-1', instructionId === undefined ? {} : { instructionId });
    const reports = new Map([['i-1', { event, receivedAtMs: NOW + afterMs }]]);
    expect(instructionsDue(told, reports)).toHaveLength(again ? 1 : 0);
  });

  it('is not told any more to an instance that is to be terminated', () => {
    const told = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    expect(instructionsDue(decideTerminate(told, 'i-1'), new Map())).toEqual([]);
  });

  it('is to be set again after a takeover, under the same id', () => {
    const told = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    const inherited = inherit(instructionSet(told, 'i-1', NOW), NOW);
    expect(instructionsDue(inherited, new Map())).toEqual([
      { instanceId: 'i-1', instruction: told.instructions['i-1'] },
    ]);
  });

  it('is forgotten with its instance', () => {
    const told = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    expect(reconcile(told, [anInstance('i-1')], NOW)).toEqual(told);
    expect(reconcile(told, [anInstance('i-1', { state: 'terminated' })], NOW)).toEqual(
      EMPTY_MEMORY,
    );
    // A listing may leave it out for a while.
    const overlooked = reconcile(told, [], NOW);
    expect(overlooked.instructions).toEqual(told.instructions);
    expect(reconcile(overlooked, [anInstance('i-1')], NOW + 1)).toEqual(told);
    expect(reconcile(overlooked, [], NOW + 299_999).instructions).toEqual(told.instructions);
    expect(reconcile(overlooked, [], NOW + 300_000)).toEqual(EMPTY_MEMORY);
  });
});

describe('the decision to terminate', () => {
  const decided = decideTerminate(EMPTY_MEMORY, 'i-1');

  it('stands, once, until EC2 is seen to follow it', () => {
    expect(decideTerminate(decided, 'i-1', 'silent').terminates).toEqual({ 'i-1': 'drained' });
    for (const listed of [[anInstance('i-1')], []])
      expect(reconcile(decided, listed, NOW).terminates).toEqual({ 'i-1': 'drained' });
    expect(reconcile(decided, [anInstance('i-1', { state: 'stopping' })], NOW).terminates).toEqual(
      {},
    );
  });
});

function tag(memory: ReturnType<typeof instruct>): Record<string, string> {
  const instruction = memory.instructions['i-1'];
  return instruction === undefined ? {} : { [WORKER_TAGS[instruction.kind]]: instruction.id };
}
