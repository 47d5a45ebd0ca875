import { describe, expect, it } from 'vitest';
import { runLease } from './run-lease.ts';

/** Runs through these states of the lease, one per read; a number is the term of a leader. */
async function run(reads: (number | 'standby')[]) {
  const stopping = new AbortController();
  const story: string[] = [];
  let current = reads[0] ?? 'standby';
  let left = reads.slice();
  await runLease(
    {
      lease: {
        get role() {
          return current === 'standby' ? ('standby' as const) : ('leader' as const);
        },
        get term() {
          return current === 'standby' ? 0 : current;
        },
        async due() {
          current = left[0] ?? current;
          left = left.slice(1);
        },
        async giveUp() {
          story.push('given up');
        },
      },
      async act(signal) {
        const term = String(current);
        story.push(`acts ${term}`);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        // What was under way
        await Promise.resolve();
        story.push(`ended ${term}`);
      },
      everyMs: 1000,
      onRole: (role) => story.push(role),
      onRead: () => undefined,
      clock: {
        async sleep() {
          if (left.length === 0) stopping.abort();
        },
      },
    },
    stopping.signal,
  );
  return story;
}

describe('a scaler and its lease', () => {
  it.each([
    ['stands by while it has no lease', ['standby', 'standby'], ['given up']],
    ['acts while it has it, once', [1, 1, 1], ['leader', 'acts 1', 'ended 1', 'given up']],
    [
      'ends what it does when it loses it, and begins anew when it gets it back',
      [1, 'standby', 2],
      ['leader', 'acts 1', 'ended 1', 'standby', 'leader', 'acts 2', 'ended 2', 'given up'],
    ],
    [
      'begins a new term when it lost the lease and took it again between two reads',
      [1, 2],
      ['leader', 'acts 1', 'ended 1', 'leader', 'acts 2', 'ended 2', 'given up'],
    ],
  ] as const)('%s', async (_, reads, story) => {
    expect(await run([...reads])).toEqual(story);
  });
});

it('ends with the leader’s error at once, even while it sleeps', async () => {
  const running = runLease(
    {
      lease: { role: 'leader', term: 1, due: async () => {}, giveUp: async () => {} },
      act: () => Promise.reject(new Error('the loop broke')),
      everyMs: 1000,
      onRole: () => undefined,
      onRead: () => undefined,
      clock: { sleep: () => new Promise(() => {}) },
    },
    new AbortController().signal,
  );
  await expect(running).rejects.toThrow('the loop broke');
});
