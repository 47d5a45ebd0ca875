import type { FleetMemory } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { aLaunch, anInstance, NOW, takenOver } from '../testing/builders.ts';
import { decideTerminate, EMPTY_MEMORY, inherit, reconcile } from './fleet-memory.ts';
import { instruct } from './instructions.ts';
import { intend } from './launch-intents.ts';

describe('a takeover', () => {
  const asked = intend(EMPTY_MEMORY, aLaunch('a', 3), NOW);
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
});

describe('the current instruction', () => {
  it('is forgotten with its instance', () => {
    const instructed = instruct(EMPTY_MEMORY, 'i-1', 'drain', undefined, NOW, 'x');
    expect(reconcile(instructed, [anInstance('i-1')], NOW)).toEqual(instructed);
    expect(reconcile(instructed, [anInstance('i-1', { state: 'terminated' })], NOW)).toEqual(
      EMPTY_MEMORY,
    );
    // A listing may leave it out for a while.
    const overlooked = reconcile(instructed, [], NOW);
    expect(overlooked.instructions).toEqual(instructed.instructions);
    expect(reconcile(overlooked, [anInstance('i-1')], NOW + 1)).toEqual(instructed);
    expect(reconcile(overlooked, [], NOW + 299_999).instructions).toEqual(instructed.instructions);
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
