import { WORKER_TAGS } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { aLaunch, anInstance, NOW, takenOver } from '../testing/builders.ts';
import { EMPTY_MEMORY, reconcile } from './fleet-memory.ts';
import {
  intend,
  lateIntentToSend,
  launchAnswered,
  maySend,
  openLaunches,
  sendAgain,
  unansweredIntent,
} from './launch-intents.ts';

/** How long a launch is counted that a call was made for: 30 s, the 15 min of a signature, 60 s. */
const COUNTED_MS = 990_000;
const launchedBy = (token: string, id: string) =>
  anInstance(id, { tags: { [WORKER_TAGS.launch]: token } });

describe('an open launch', () => {
  const asked = intend(EMPTY_MEMORY, aLaunch('a', 3), NOW);

  it('counts fully until EC2 has responded', () => {
    expect(openLaunches(asked, [])).toEqual({ coming: 3, refused: 0 });
    expect(unansweredIntent(asked)?.request.clientToken).toBe('a');
  });

  it('counts the instances of EC2’s response that are not listed yet', () => {
    const answered = launchAnswered(asked, 'a', { kind: 'launched', instances: 2 }, NOW);
    expect(unansweredIntent(answered)).toBeUndefined();
    expect(openLaunches(answered, []).coming).toBe(2);
    expect(openLaunches(answered, [launchedBy('a', 'i-1'), launchedBy('b', 'i-2')]).coming).toBe(1);
  });

  it('counts ended instances as listed', () => {
    const ended = { ...launchedBy('a', 'i-1'), state: 'terminated' } as const;
    const answered = launchAnswered(asked, 'a', { kind: 'launched', instances: 1 }, NOW);
    expect(openLaunches(answered, [ended]).coming).toBe(0);
  });

  it.each(['refused', 'try-later'] as const)(
    'is forgotten when all of it can be seen, and when EC2 answered %s',
    (kind) => {
      const seen = [launchedBy('a', 'i-1'), launchedBy('a', 'i-2'), launchedBy('a', 'i-3')];
      expect(reconcile(asked, seen, NOW).intents).toEqual([]);
      expect(reconcile(launchAnswered(asked, 'a', { kind }, NOW), [], NOW).intents).toEqual([]);
    },
  );

  it('is awaited for 6.5 min, and counted until its call has expired and its instances are listed', () => {
    expect(openLaunches(reconcile(asked, [], NOW + 389_999), [])).toEqual({
      coming: 3,
      refused: 0,
    });
    const overdue = reconcile(asked, [], NOW + 390_000);
    expect(openLaunches(overdue, [])).toEqual({ coming: 0, refused: 3 });
    expect(unansweredIntent(overdue)).toBeUndefined();
    expect(reconcile(overdue, [], NOW + COUNTED_MS - 1).intents).toHaveLength(1);
    expect(reconcile(overdue, [], NOW + COUNTED_MS).intents).toEqual([]);
  });

  it('that succeeded is awaited for 6.5 min from its response', () => {
    const answered = launchAnswered(asked, 'a', { kind: 'launched', instances: 2 }, NOW + 60_000);
    expect(openLaunches(reconcile(answered, [], NOW + 449_999), []).coming).toBe(2);
    expect(reconcile(answered, [], NOW + 450_000).intents).toEqual([]);
  });

  it('whose instances have ended is not an expected worker, and counts until a listing must show the rest', () => {
    const gone = launchAnswered(asked, 'a', { kind: 'launched', instances: 0 }, NOW);
    expect(openLaunches(gone, [])).toEqual({ coming: 0, refused: 3 });
    expect(unansweredIntent(gone)).toBeUndefined();
    expect(reconcile(gone, [], NOW + 59_999).intents).toHaveLength(1);
    expect(reconcile(gone, [], NOW + 60_000).intents).toEqual([]);
  });

  it('may be sent for 30 s: a call that came later could outlive it', () => {
    const intent = unansweredIntent(asked);
    expect(intent && maySend(intent, NOW + 29_999)).toBe(true);
    expect(intent && maySend(intent, NOW + 30_000)).toBe(false);
  });
});

describe('a launch of which a call may still be under way', () => {
  const asked = intend(EMPTY_MEMORY, aLaunch('a', 3), NOW);
  const unanswered = launchAnswered(asked, 'a', { kind: 'unanswered' }, NOW);
  const LATER = NOW + 200_000;

  it.each([
    ['no answer came to a call', unanswered],
    ['it was taken over', takenOver(asked, LATER)],
    ['it was taken over again and again', takenOver(takenOver(asked, NOW + 100_000), LATER)],
  ])(
    'counts against max for 16.5 min from its call although EC2 refused it, when %s',
    (_, memory) => {
      const again = sendAgain(memory, 'a', LATER);
      const refused = launchAnswered(again, 'a', { kind: 'refused' }, LATER);
      expect(unansweredIntent(refused)).toBeUndefined();
      expect(openLaunches(refused, [])).toEqual({ coming: 0, refused: 3 });
      expect(openLaunches(refused, [launchedBy('a', 'i-1')])).toEqual({ coming: 0, refused: 2 });
      expect(reconcile(refused, [], NOW + COUNTED_MS - 1).intents).toHaveLength(1);
      expect(reconcile(refused, [], NOW + COUNTED_MS).intents).toEqual([]);
    },
  );

  it.each([
    ['no answer came to a call', unanswered],
    ['it was taken over', takenOver(asked, NOW)],
  ])('is sent again after EC2 throttled it, when %s, and keeps its age', (_, memory) => {
    const throttled = launchAnswered(
      sendAgain(memory, 'a', LATER),
      'a',
      { kind: 'try-later' },
      LATER,
    );
    expect(unansweredIntent(throttled)?.request.clientToken).toBe('a');
    expect(openLaunches(throttled, []).coming).toBe(3);
    expect(openLaunches(reconcile(throttled, [], NOW + 390_000), []).refused).toBe(3);
    expect(reconcile(throttled, [], NOW + COUNTED_MS).intents).toEqual([]);
  });

  it('is counted for 16.5 min from its last call without a response', () => {
    const again = sendAgain(asked, 'a', LATER);
    for (const memory of [again, launchAnswered(again, 'a', { kind: 'unanswered' }, LATER)]) {
      expect(reconcile(memory, [], LATER + COUNTED_MS - 1).intents).toHaveLength(1);
      expect(reconcile(memory, [], LATER + COUNTED_MS).intents).toEqual([]);
    }
  });

  it.each([
    [
      'was refused, with every call answered',
      launchAnswered(asked, 'a', { kind: 'refused' }, NOW),
      0,
    ],
    ['has been answered', launchAnswered(asked, 'a', { kind: 'launched', instances: 2 }, NOW), 2],
    ['has not been answered', asked, 3],
  ])('keeps its state after a takeover, when it %s', (_, memory, counted) => {
    const { coming, refused } = openLaunches(takenOver(memory, LATER), []);
    expect(coming + refused).toBe(counted);
  });

  describe('and that takes the room of others', () => {
    const anywhere = () => true;
    const refused = launchAnswered(unanswered, 'a', { kind: 'refused' }, NOW);
    const overdue = reconcile(
      launchAnswered(intend(refused, aLaunch('b', 1), NOW), 'b', { kind: 'unanswered' }, NOW + 1),
      [],
      NOW + 390_000,
    );

    it('is sent again, the one without a response for longest first', () => {
      expect(lateIntentToSend(overdue, anywhere, LATER)?.request.clientToken).toBe('a');
      const failed = launchAnswered(
        sendAgain(overdue, 'a', LATER),
        'a',
        { kind: 'unanswered' },
        LATER,
      );
      const next = reconcile(failed, [], NOW + 390_001);
      expect(lateIntentToSend(next, anywhere, LATER)?.request.clientToken).toBe('b');
    });

    it.each([{ kind: 'launched', instances: 0 }, { kind: 'token-spent' }] as const)(
      'is never sent again when its token has been used up ($kind)',
      (answer) => {
        const spent = launchAnswered(sendAgain(refused, 'a', LATER), 'a', answer, LATER);
        expect(openLaunches(spent, [])).toEqual({ coming: 0, refused: 3 });
        expect(lateIntentToSend(spent, anywhere, LATER)).toBeUndefined();
        expect(unansweredIntent(spent)).toBeUndefined();
      },
    );

    it('is not sent to a place that refuses launches now', () => {
      expect(lateIntentToSend(refused, () => false, LATER)).toBeUndefined();
    });

    it('is not sent after 16.5 min, so that it is forgotten in the end', () => {
      expect(lateIntentToSend(refused, anywhere, NOW + COUNTED_MS - 1)).toBeDefined();
      expect(lateIntentToSend(refused, anywhere, NOW + COUNTED_MS)).toBeUndefined();
    });
  });
});
