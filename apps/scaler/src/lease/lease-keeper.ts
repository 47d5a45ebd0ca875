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
  mayLead,
  STANDBY,
  stepLease,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
  type LeaseTimes,
} from './lease.ts';
import type { MemoryKeeper } from '../memory/memory-keeper.ts';

export interface LeaseKeeperDeps {
  store: Pick<ObjectStore, 'get' | 'put'>;
  /** This scaler's name, its own for every process. */
  leader: string;
  times: LeaseTimes;
  newNonce: () => string;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs: () => number;
  /** Milliseconds since the epoch. */
  unixMs: () => number;
  log: Pick<Logger, 'warn' | 'error'>;
}

/** A lease that cannot be read for so long is more than a hiccup of the store. */
const READ_FAILURE_MS = 60_000;
/** How long a denied write counts: whoever may not take the lease tries again every second while it is free. */
const WRITE_DENIED_MS = 60_000;

/** The lease in the state bucket, with the fleet's memory in it: one step at a time, by the rules of lease.ts. */
export class LeaseKeeper implements MemoryKeeper {
  readonly #deps: LeaseKeeperDeps;
  #state: LeaseState = STANDBY;
  #memory = EMPTY_MEMORY;
  #term = 0;
  #last: Promise<void> = Promise.resolve();
  /** Since when it cannot be read. */
  #readFailure: { sinceMs: number; error: AwsCallError } | undefined;
  /** When a write was last denied. */
  #writeFailure: { atMs: number; error: AwsCallError } | undefined;

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps;
  }

  get role(): LeaseState['role'] {
    return this.#state.role;
  }

  /** Grows each time that this scaler takes the lease. */
  get term(): number {
    return this.#term;
  }

  /** Why this scaler can neither act nor stand by; undefined while it can. */
  get failure(): string | undefined {
    const now = this.#deps.monotonicMs();
    const [readFailure, writeFailure] = [this.#readFailure, this.#writeFailure];
    if (
      readFailure !== undefined &&
      (isDenied(readFailure.error) || now - readFailure.sinceMs >= READ_FAILURE_MS)
    )
      return `the lease cannot be read: ${readFailure.error.message}`;
    if (writeFailure !== undefined && now - writeFailure.atMs < WRITE_DENIED_MS)
      return `the lease cannot be written: ${writeFailure.error.message}`;
    return undefined;
  }

  /** Whether this scaler may act: to be asked right before each call to the fleet (F1). */
  leads(): boolean {
    return mayLead(this.#state, this.#deps.monotonicMs(), this.#deps.times);
  }

  read(): FleetMemory {
    return this.#memory;
  }

  note(memory: FleetMemory): void {
    this.#memory = memory;
  }

  async write(memory: FleetMemory): Promise<'written' | 'not-written'> {
    if (isDeepStrictEqual(memory, this.#memory)) return this.leads() ? 'written' : 'not-written';
    const term = this.#term;
    // Before its turn comes, the lease may have been lost and taken again.
    await this.#enqueue(() =>
      term === this.#term
        ? { kind: 'write-memory', memory }
        : { kind: 'due', memory: this.#memory },
    );
    return this.#wrote(memory) ? 'written' : 'not-written';
  }

  /**
   * The lease for what is done in the present term, and never after it: who loses the lease and gets it back
   * must not go on with what it saw before, since another has acted in between.
   */
  forCurrentTerm(): MemoryKeeper & { leads(): boolean } {
    const term = this.#term;
    const current = () => term === this.#term;
    return {
      read: () => this.read(),
      write: async (memory) => (current() ? this.write(memory) : 'not-written'),
      note: (memory) => {
        if (current()) this.note(memory);
      },
      leads: () => current() && this.leads(),
    };
  }

  /** What time asks for: a standby looks, a leader renews. Failures are logged; the next time tries again. */
  async due(): Promise<void> {
    await this.#enqueue(() => ({ kind: 'due', memory: this.#memory }));
  }

  /** Lets a standby take the lease without waiting. */
  async giveUp(): Promise<void> {
    await this.#enqueue(() => ({ kind: 'give-up', memory: this.#memory }));
  }

  /** Takes in an event after all that came before it, and does what follows from it to the end. */
  async #enqueue(makeEvent: () => LeaseEvent): Promise<void> {
    const taken = this.#last.then(() => this.#process(makeEvent()));
    this.#last = taken.catch(() => undefined);
    await taken;
  }

  async #process(first: LeaseEvent): Promise<void> {
    const { leader, times, newNonce, monotonicMs, unixMs } = this.#deps;
    let event: LeaseEvent | undefined = first;
    while (event !== undefined) {
      const context = {
        leader,
        times,
        monotonicMs: monotonicMs(),
        unixMs: unixMs(),
        nonce: newNonce(),
      };
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
    if (first.kind === 'write-memory' && this.#wrote(first.memory)) this.#memory = first.memory;
  }

  /** Whether this very memory stands in the lease that is held. */
  #wrote(memory: FleetMemory): boolean {
    return this.#state.role === 'leader' && this.#state.held.lease.memory === memory;
  }

  async #perform(effect: LeaseEffect): Promise<LeaseEvent> {
    const { monotonicMs, log } = this.#deps;
    try {
      const event =
        effect.kind === 'read' ? await this.#readLease() : await this.#writeLease(effect);
      this.#readFailure = undefined;
      if (effect.kind === 'write') this.#writeFailure = undefined;
      return event;
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error;
      if (effect.kind === 'read')
        this.#readFailure = { sinceMs: this.#readFailure?.sinceMs ?? monotonicMs(), error };
      else if (isDenied(error)) this.#writeFailure = { atMs: monotonicMs(), error };
      // What is denied is told as an error by whoever watches the store's rights (watch-rights.ts).
      if (!isDenied(error))
        log.warn({ event: LEASE_CALLS[effect.kind].event, error }, LEASE_CALLS[effect.kind].failed);
      return effect.kind === 'read' ? { kind: 'read-failed' } : { kind: 'unclear' };
    }
  }

  async #readLease(): Promise<LeaseEvent> {
    const object = await this.#deps.store.get(FLEET_LEASE_KEY);
    if (object === null) return { kind: 'read', object };
    const decoded = decodeFleetLease(new TextDecoder().decode(object.body));
    if (decoded.kind === 'decoded')
      return { kind: 'read', object: { etag: object.etag, lease: decoded.value } };
    // Of a later version, perhaps: it must not be taken.
    this.#deps.log.error({ event: 'lease.malformed', reason: decoded.reason }, 'lease malformed');
    return { kind: 'read-failed' };
  }

  async #writeLease({
    onlyIf,
    lease,
  }: Extract<LeaseEffect, { kind: 'write' }>): Promise<LeaseEvent> {
    const outcome = await this.#deps.store.put(FLEET_LEASE_KEY, encodeFleetLease(lease), {
      contentType: 'application/json',
      onlyIf,
    });
    return outcome.kind === 'stored' ? outcome : { kind: 'unclear' };
  }
}

const LEASE_CALLS = {
  read: { event: 'lease.read-failed', failed: 'lease read failed' },
  write: { event: 'lease.write-failed', failed: 'lease write failed' },
} as const;
