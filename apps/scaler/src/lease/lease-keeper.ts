import { AwsCallError, isDenied } from '@labelfleet/aws/errors';
import type { ObjectStore } from '@labelfleet/aws/store';
import {
  decodeFleetLease,
  encodeFleetLease,
  FLEET_LEASE_KEY,
  type FleetMemory,
} from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { isDeepStrictEqual } from 'node:util';
import { EMPTY_MEMORY } from '../memory/fleet-memory.ts';
import {
  mayAct,
  STANDBY,
  stepLease,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
  type LeaseTimes,
} from './lease.ts';
import type { MemoryKeeper } from '../memory/memory-keeper.ts';

export interface LeaseKeeperOptions {
  store: Pick<ObjectStore, 'get' | 'put'>;
  /** This scaler's name, its own for every process. */
  leader: string;
  times: LeaseTimes;
  newNonce: () => string;
  /** Milliseconds of a clock that never goes back. */
  nowMs: () => number;
  /** Milliseconds since the epoch. */
  unixMs: () => number;
  logger: Pick<Logger, 'warn' | 'error'>;
}

/** A lease that cannot be read for so long is more than a hiccup of the store. */
const UNREAD_MS = 60_000;
/** How long a denied write counts: whoever may not take the lease tries again every second while it is free. */
const UNWRITTEN_MS = 60_000;

/** The lease in the state bucket, with the fleet's memory in it: one step at a time, by the rules of lease.ts. */
export class LeaseKeeper implements MemoryKeeper {
  readonly #options: LeaseKeeperOptions;
  #state: LeaseState = STANDBY;
  #memory = EMPTY_MEMORY;
  #term = 0;
  #last: Promise<void> = Promise.resolve();
  /** Since when it cannot be read. */
  #unread: { sinceMs: number; error: AwsCallError } | undefined;
  /** When a write was last denied. */
  #unwritten: { atMs: number; error: AwsCallError } | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  get role(): LeaseState['role'] {
    return this.#state.role;
  }

  /** Grows each time that this scaler takes the lease. */
  get term(): number {
    return this.#term;
  }

  /** Why this scaler can neither act nor stand by; undefined while it can. */
  get trouble(): string | undefined {
    const now = this.#options.nowMs();
    const [unread, unwritten] = [this.#unread, this.#unwritten];
    if (unread !== undefined && (isDenied(unread.error) || now - unread.sinceMs >= UNREAD_MS))
      return `the lease cannot be read: ${unread.error.message}`;
    if (unwritten !== undefined && now - unwritten.atMs < UNWRITTEN_MS)
      return `the lease cannot be written: ${unwritten.error.message}`;
    return undefined;
  }

  /** Whether this scaler may act: to be asked right before each call to the fleet (F1). */
  holds(): boolean {
    return mayAct(this.#state, this.#options.nowMs(), this.#options.times);
  }

  read(): FleetMemory {
    return this.#memory;
  }

  note(memory: FleetMemory): void {
    this.#memory = memory;
  }

  async write(memory: FleetMemory): Promise<'written' | 'not-written'> {
    if (isDeepStrictEqual(memory, this.#memory)) return this.holds() ? 'written' : 'not-written';
    const term = this.#term;
    // Before its turn comes, the lease may have been lost and taken again.
    await this.#take(() =>
      term === this.#term ? { kind: 'remember', memory } : { kind: 'due', memory: this.#memory },
    );
    return this.#has(memory) ? 'written' : 'not-written';
  }

  /**
   * The lease for what is done in the present term, and never after it: who loses the lease and gets it back
   * must not go on with what it saw before, since another has acted in between.
   */
  forThisTerm(): MemoryKeeper & { holds(): boolean } {
    const term = this.#term;
    const current = () => term === this.#term;
    return {
      read: () => this.read(),
      write: async (memory) => (current() ? this.write(memory) : 'not-written'),
      note: (memory) => {
        if (current()) this.note(memory);
      },
      holds: () => current() && this.holds(),
    };
  }

  /** What time asks for: a standby looks, a leader renews. Failures are logged; the next time tries again. */
  async due(): Promise<void> {
    await this.#take(() => ({ kind: 'due', memory: this.#memory }));
  }

  /** Lets a standby take the lease without waiting. */
  async giveUp(): Promise<void> {
    await this.#take(() => ({ kind: 'give-up', memory: this.#memory }));
  }

  /** Takes in an event after all that came before it, and does what follows from it to the end. */
  async #take(makeEvent: () => LeaseEvent): Promise<void> {
    const taken = this.#last.then(() => this.#settle(makeEvent()));
    this.#last = taken.catch(() => undefined);
    await taken;
  }

  async #settle(first: LeaseEvent): Promise<void> {
    const { leader, times, newNonce, nowMs, unixMs } = this.#options;
    let event: LeaseEvent | undefined = first;
    while (event !== undefined) {
      const context = { leader, times, nowMs: nowMs(), unixMs: unixMs(), nonce: newNonce() };
      const { state, effect } = stepLease(this.#state, event, {
        ...context,
        emptyMemory: EMPTY_MEMORY,
      });
      if (this.#state.role === 'standby' && state.role === 'leader') {
        this.#memory = state.held.lease.memory;
        this.#term += 1;
      }
      this.#state = state;
      event = effect && (await this.#perform(effect));
    }
    // Before the next event has its turn: a renewal would put the memory of before in its place.
    if (first.kind === 'remember' && this.#has(first.memory)) this.#memory = first.memory;
  }

  /** Whether this very memory stands in the lease that is held. */
  #has(memory: FleetMemory): boolean {
    return this.#state.role === 'leader' && this.#state.held.lease.memory === memory;
  }

  async #perform(effect: LeaseEffect): Promise<LeaseEvent> {
    const { nowMs, logger } = this.#options;
    try {
      const event = effect.kind === 'look' ? await this.#look() : await this.#write(effect);
      this.#unread = undefined;
      if (effect.kind === 'write') this.#unwritten = undefined;
      return event;
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error;
      if (effect.kind === 'look')
        this.#unread = { sinceMs: this.#unread?.sinceMs ?? nowMs(), error };
      else if (isDenied(error)) this.#unwritten = { atMs: nowMs(), error };
      // What is denied is told as an error by whoever watches the store's rights (watch-rights.ts).
      if (!isDenied(error))
        logger.warn(
          { event: LEASE_CALLS[effect.kind].event, error },
          LEASE_CALLS[effect.kind].failed,
        );
      return effect.kind === 'look' ? { kind: 'not-looked' } : { kind: 'unclear' };
    }
  }

  async #look(): Promise<LeaseEvent> {
    const object = await this.#options.store.get(FLEET_LEASE_KEY);
    if (object === null) return { kind: 'looked', object };
    const decoded = decodeFleetLease(new TextDecoder().decode(object.body));
    if (decoded.kind === 'decoded')
      return { kind: 'looked', object: { etag: object.etag, lease: decoded.value } };
    // Of a later version, perhaps: it must not be taken.
    this.#options.logger.error(
      { event: 'lease.malformed', reason: decoded.reason },
      'lease malformed',
    );
    return { kind: 'not-looked' };
  }

  async #write({ onlyIf, lease }: Extract<LeaseEffect, { kind: 'write' }>): Promise<LeaseEvent> {
    const outcome = await this.#options.store.put(FLEET_LEASE_KEY, encodeFleetLease(lease), {
      contentType: 'application/json',
      onlyIf,
    });
    return outcome.kind === 'stored' ? outcome : { kind: 'unclear' };
  }
}

const LEASE_CALLS = {
  look: { event: 'lease.read-failed', failed: 'lease read failed' },
  write: { event: 'lease.write-failed', failed: 'lease write failed' },
} as const;
