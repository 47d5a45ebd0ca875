import type { LaunchRequest } from '@labelfleet/aws/fleet';
import { decodeFleetLease, newestInstruction, WORKER_TAGS } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import {
  decideTerminate,
  EMPTY_MEMORY,
  inherit,
  instruct,
  instructionsDue,
  instructionSet,
  intend,
  lateIntentToSend,
  launchAnswered,
  maySend,
  openLaunches,
  reconcile,
  sendAgain,
  unansweredIntent,
  type FleetMemory,
} from './fleet-memory.ts';
import { aHeartbeat, anInstance, NOW } from '../testing/builders.ts';

const request = (clientToken: string, count: number): LaunchRequest => ({
  clientToken,
  count,
  launchTemplateId: 'lt-1',
  launchTemplateVersion: '3',
  market: 'on-demand',
  tags: { [WORKER_TAGS.launch]: clientToken },
});
/** The memory of a scaler that wrote its lease at this time, taken at once by one whose clock is the same. */
const takenOver = (memory: FleetMemory, atMs: number) =>
  inherit(memory, { writtenAtMs: atMs, writtenAgoMs: 0, now: atMs });
/** How long a launch is counted that a call was made for: 30 s, the 15 min of a signature, 60 s. */
const COUNTED_MS = 990_000;
const launchedBy = (token: string, id: string) =>
  anInstance(id, { tags: { [WORKER_TAGS.launch]: token } });

describe('an open launch', () => {
  const asked = intend(EMPTY_MEMORY, request('a', 3), NOW);

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
  const asked = intend(EMPTY_MEMORY, request('a', 3), NOW);
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
      launchAnswered(intend(refused, request('b', 1), NOW), 'b', { kind: 'unanswered' }, NOW + 1),
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

describe('a takeover', () => {
  const asked = intend(EMPTY_MEMORY, request('a', 3), NOW);
  const gone = reconcile(instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x'), [], NOW);

  /** Takeovers, one every so many seconds, by scalers whose clocks differ; until nothing is remembered. */
  function secondsUntilForgotten(memory: FleetMemory, everySeconds: number): number {
    let held = memory;
    let clock = 0;
    for (let at = everySeconds; at < 7200; at += everySeconds) {
      // The lease is renewed every 3 s; the one before was killed, and the lease has stood still for 10 s.
      const heldForMs = Math.max(0, Math.floor((everySeconds - 10) / 3) * 3000);
      const writtenAtMs = NOW + (at - everySeconds) * 1000 + clock + heldForMs;
      clock = ((at * 7919) % 11) * 1_000_000 - 5_000_000;
      const now = NOW + at * 1000 + clock;
      held = reconcile(inherit(held, { writtenAtMs, writtenAgoMs: 10_000, now }), [], now);
      if (held.intents.length === 0 && Object.keys(held.instructions).length === 0) return at;
    }
    return Infinity;
  }

  it.each([11, 13, 30, 60, 200, 380])(
    'every %i s lets a launch come to its end all the same, by no clock of another machine',
    (everySeconds) => {
      const seconds = secondsUntilForgotten(takenOver(asked, NOW), everySeconds);
      expect(seconds).toBeGreaterThanOrEqual(990);
      expect(seconds).toBeLessThan(990 * 1.35 + 2 * everySeconds);
    },
  );

  it.each([11, 13, 30, 60, 200, 280])(
    'every %i s lets an instruction be forgotten whose instance no listing shows',
    (everySeconds) => {
      const seconds = secondsUntilForgotten(gone, everySeconds);
      expect(seconds).toBeGreaterThanOrEqual(300);
      expect(seconds).toBeLessThan(300 * 1.35 + 2 * everySeconds);
    },
  );

  it.each([-3_600_000, 0, 3_600_000])(
    'keeps the age of boots if the new clock differs by %i ms',
    (clock) => {
      const place = { market: 'on-demand' } as const;
      const boots = {
        template: 'lt-1 version 1',
        open: { 'i-1': { token: 'a', place, template: 'lt-1 version 1', sinceMs: NOW - 1000 } },
        closed: {},
        failed: [
          { instanceId: 'i-2', atMs: NOW - 2000, place, cause: 'exit 66', message: 'no model' },
        ],
        good: [{ place, atMs: NOW - 3000, count: 1 }],
      };
      const now = NOW + 10_000 + clock;
      const handover = { writtenAtMs: NOW, writtenAgoMs: 10_000, now };
      const inherited = inherit({ ...EMPTY_MEMORY, boots }, handover).boots;
      expect(inherited?.open['i-1']?.sinceMs).toBe(now - 11_000);
      expect(inherited?.failed[0]?.atMs).toBe(now - 12_000);
      expect(inherited?.good[0]?.atMs).toBe(now - 13_000);
    },
  );

  it('of a lease of an earlier version counts each launch from then on', () => {
    const intent = {
      request: request('a', 3),
      countedFromMs: 1,
      launched: null,
      refused: false,
      mayArrive: false,
    };
    const before = { instructions: {}, terminates: {}, unlisted: {} };
    const lease = {
      v: 1,
      leader: 'other',
      nonce: 'n',
      seq: 1,
      memory: { ...before, intents: [intent] },
    };
    const decoded = decodeFleetLease(JSON.stringify(lease));
    if (decoded.kind === 'malformed') throw new Error(decoded.reason);
    const { memory, writtenAtMs } = decoded.value;
    const inherited = inherit(memory, { writtenAtMs, writtenAgoMs: 10_000, now: NOW });
    expect(openLaunches(reconcile(inherited, [], NOW), [])).toEqual({ coming: 3, refused: 0 });
    expect(reconcile(inherited, [], NOW + COUNTED_MS - 1).intents).toHaveLength(1);
    expect(reconcile(inherited, [], NOW + COUNTED_MS).intents).toEqual([]);
  });
});

describe('the current instruction', () => {
  it('is due until it has been set', () => {
    const told = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    expect(instructionsDue(told, new Map())).toMatchObject([{ instanceId: 'i-1' }]);
    expect(instructionsDue(instructionSet(told, 'i-1', NOW), new Map())).toEqual([]);
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
    const told = instructionSet(
      instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x'),
      'i-1',
      NOW,
    );
    const current = told.instructions['i-1']?.id;
    const instructionId = reported === 'current' ? current : reported;
    const event = aHeartbeat('i-1', instructionId === undefined ? {} : { instructionId });
    const heartbeats = new Map([['i-1', { event, receivedAtMs: NOW + afterMs }]]);
    expect(instructionsDue(told, heartbeats)).toHaveLength(again ? 1 : 0);
  });

  it('is not set any more on an instance that is to be terminated', () => {
    const told = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    expect(instructionsDue(decideTerminate(told, 'i-1'), new Map())).toEqual([]);
  });

  it('is due again after a takeover, under the same id', () => {
    const told = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    const inherited = takenOver(instructionSet(told, 'i-1', NOW), NOW);
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

  it('is kept once, until a listing shows its effect', () => {
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
