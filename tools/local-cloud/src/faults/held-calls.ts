import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { ClientGone } from '../client-gone.ts';
import type { Occasion } from './matches.ts';
import type { OutcomeOf } from './outcome.ts';

/** A call that a fault holds. */
export interface HeldCall extends Occasion {
  /** The number of the call, from 1. */
  readonly id: number;
  readonly fault: string;
  readonly when: 'before' | 'after';
  /** Since when it waits. A call that is held after its effect is listed once the effect is persisted. */
  readonly since: string;
}

/** `gone` means that its client has closed the connection. */
export type EndOfHold = 'released' | 'gone';

/** The held calls. While a call is held, a test can kill the caller or release the call. */
export class HeldCalls {
  readonly #held = new Map<number, { call: HeldCall; release: () => void }>();
  #count = 0;

  list(): HeldCall[] {
    return Array.from(this.#held.values(), ({ call }) => call);
  }

  /** Releases a call. Undefined if it is not held. */
  release(id: number): HeldCall | undefined {
    const held = this.#held.get(id);
    held?.release();
    return held?.call;
  }

  /** Releases all calls that a fault holds. */
  releaseAllOf(fault: string): void {
    for (const { call, release } of this.#held.values()) if (call.fault === fault) release();
  }

  /** Resolves when the call is released, its time is over or its client has disconnected. */
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
    // The timer usually ends early by its signal.
    await delay(longestMs, undefined, { signal, ref: false }).catch(() => undefined);
    this.#held.delete(id);
    return gone.signal.aborted ? 'gone' : 'released';
  }
}
