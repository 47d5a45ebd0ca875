import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { ClientGone } from '../client-gone.ts';
import type { Occasion } from './matches.ts';
import type { OutcomeOf } from './outcome.ts';

/** A call that waits on purpose. */
export interface HeldCall extends Occasion {
  /** Counts from 1. */
  readonly id: number;
  readonly fault: string;
  readonly when: 'before' | 'after';
  /** Since when it has been waiting: one that is held after its effect is listed once that is kept. */
  readonly since: string;
}

/** `gone`: its client has closed the connection. */
export type EndOfHold = 'released' | 'gone';

/** The calls that are held, so that a test can act at that very moment: kill the caller, or let it go on. */
export class HeldCalls {
  readonly #held = new Map<number, { call: HeldCall; release: () => void }>();
  #count = 0;

  list(): HeldCall[] {
    return Array.from(this.#held.values(), ({ call }) => call);
  }

  /** Lets one go on. Undefined: it is not held (any more). */
  release(id: number): HeldCall | undefined {
    const held = this.#held.get(id);
    held?.release();
    return held?.call;
  }

  /** Lets all go on that a fault holds. */
  releaseAllOf(fault: string): void {
    for (const { call, release } of this.#held.values()) if (call.fault === fault) release();
  }

  /** Resolves when the call is released, its time is over or its client has gone. */
  async hold(
    request: IncomingMessage,
    of: Occasion & { fault: string },
    { when, longestMs }: OutcomeOf<'hold'>,
  ): Promise<EndOfHold> {
    using gone = new ClientGone(request);
    const id = ++this.#count;
    const over = new AbortController();
    const call = { id, ...of, when, since: new Date().toISOString() };
    this.#held.set(id, { call, release: () => over.abort() });
    const signal = AbortSignal.any([over.signal, gone.signal]);
    // Cut short in the usual case.
    await delay(longestMs, undefined, { signal, ref: false }).catch(() => undefined);
    this.#held.delete(id);
    return gone.signal.aborted ? 'gone' : 'released';
  }
}
