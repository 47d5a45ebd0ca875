import { AwsCallError, isDenied } from '@labelfleet/aws/errors';
import { compareAndSetJson, tryReadJson, type ObjectStore } from '@labelfleet/aws/store';
import { FLEET_LEASE_KEY, fleetLeaseCodec, type FleetMemory } from '@labelfleet/contracts';
import type { Clock, Logger } from '@labelfleet/runtime';
import { isDeepStrictEqual } from 'node:util';
import { EMPTY_MEMORY } from '../memory/fleet-memory.ts';
import {
  idleTimes,
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
  /** This scaler's name, unique to the process. */
  leader: string;
  times: LeaseTimes;
  newNonce: () => string;
  clock: Pick<Clock, 'unixMs' | 'monotonicMs'>;
  log: Pick<Logger, 'warn' | 'error'>;
}

/** Reads that fail for this long count as a failure of the lease, not as a transient error of the store. */
const READ_FAILURE_MS = 60_000;
/**
 * How long a denied write counts as a failure: a standby without permission retries every second while the lease is
 * free.
 */
const WRITE_DENIED_MS = 60_000;

/**
 * Keeps the lease, which holds the fleet's memory, in the state bucket: one step at a time, by the rules of
 * lease.ts.
 */
export class LeaseKeeper implements MemoryKeeper {
  readonly #deps: LeaseKeeperDeps;
  #state: LeaseState = STANDBY;
  #memory = EMPTY_MEMORY;
  #term = 0;
  #idle = false;
  #last: Promise<void> = Promise.resolve();
  /** Set while the lease cannot be read: since when, and the last error. */
  #readFailure: { sinceMs: number; error: AwsCallError } | undefined;
  /** The last denied write; unset after a write that succeeded. */
  #writeFailure: { atMs: number; error: AwsCallError } | undefined;

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps;
  }

  get role(): LeaseState['role'] {
    return this.#state.role;
  }

  /** Increases each time this scaler takes the lease. */
  get term(): number {
    return this.#term;
  }

  /** Why this scaler can neither lead nor stand by; undefined while it can. */
  get failure(): string | undefined {
    const now = this.#deps.clock.monotonicMs();
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

  /** True if this scaler leads now. Check it right before each call to the fleet (F1). */
  leads(): boolean {
    return mayLead(this.#state, this.#deps.clock.monotonicMs());
  }

  read(): FleetMemory {
    return this.#memory;
  }

  note(memory: FleetMemory): void {
    this.#memory = memory;
  }

  idle(idle: boolean): void {
    this.#idle = idle;
  }

  async write(memory: FleetMemory): Promise<'written' | 'not-written'> {
    if (isDeepStrictEqual(memory, this.#memory)) return this.leads() ? 'written' : 'not-written';
    const term = this.#term;
    // The lease may be lost and taken again before this event is processed.
    await this.#enqueue(() =>
      term === this.#term
        ? { kind: 'write-memory', memory }
        : { kind: 'due', memory: this.#memory },
    );
    return this.#wrote(memory) ? 'written' : 'not-written';
  }

  /**
   * A view of the lease that works during the current term only. A scaler that loses the lease and takes it again
   * must not continue with what it saw before, because another leader has acted in between.
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
      idle: (idle) => {
        if (current()) this.idle(idle);
      },
      leads: () => current() && this.leads(),
    };
  }

  /**
   * To be called periodically: a standby reads the lease, a leader renews it. Failures are logged, and the next
   * call tries again.
   */
  async due(): Promise<void> {
    await this.#enqueue(() => ({ kind: 'due', memory: this.#memory }));
  }

  /** Gives the lease up, so that a standby can take it at once. */
  async giveUp(): Promise<void> {
    await this.#enqueue(() => ({ kind: 'give-up', memory: this.#memory }));
  }

  /** Processes an event, with all its effects, after the events before it. */
  async #enqueue(makeEvent: () => LeaseEvent): Promise<void> {
    const taken = this.#last.then(() => this.#process(makeEvent()));
    this.#last = taken.catch(() => undefined);
    await taken;
  }

  async #process(first: LeaseEvent): Promise<void> {
    const { leader, times, newNonce, clock } = this.#deps;
    let event: LeaseEvent | undefined = first;
    while (event !== undefined) {
      const context = {
        leader,
        times: this.#idle ? idleTimes(times) : times,
        monotonicMs: clock.monotonicMs(),
        unixMs: clock.unixMs(),
        nonce: newNonce(),
      };
      const { state, effect } = stepLease(this.#state, event, {
        ...context,
        emptyMemory: EMPTY_MEMORY,
      });
      if (this.#state.role === 'standby' && state.role === 'leader') {
        this.#memory = state.held.lease.memory;
        this.#term += 1;
        this.#idle = false;
      }
      this.#state = state;
      event = effect && (await this.#perform(effect));
    }
    // This must precede the next event: a renewal would write the old memory.
    if (first.kind === 'write-memory' && this.#wrote(first.memory)) this.#memory = first.memory;
  }

  /** True if the lease that this scaler holds contains exactly this memory. */
  #wrote(memory: FleetMemory): boolean {
    return this.#state.role === 'leader' && this.#state.held.lease.memory === memory;
  }

  async #perform(effect: LeaseEffect): Promise<LeaseEvent> {
    const { clock, log } = this.#deps;
    try {
      const event =
        effect.kind === 'read' ? await this.#readLease() : await this.#writeLease(effect);
      this.#readFailure = undefined;
      if (effect.kind === 'write') this.#writeFailure = undefined;
      return event;
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error;
      if (effect.kind === 'read')
        this.#readFailure = { sinceMs: this.#readFailure?.sinceMs ?? clock.monotonicMs(), error };
      else if (isDenied(error)) this.#writeFailure = { atMs: clock.monotonicMs(), error };
      // Denied calls are already logged as errors (watch-permissions.ts).
      if (!isDenied(error))
        log.warn({ event: LEASE_CALLS[effect.kind].event, error }, LEASE_CALLS[effect.kind].failed);
      return effect.kind === 'read' ? { kind: 'read-failed' } : { kind: 'unclear' };
    }
  }

  async #readLease(): Promise<LeaseEvent> {
    const read = await tryReadJson(this.#deps.store, FLEET_LEASE_KEY, fleetLeaseCodec);
    if (read.kind === 'absent') return { kind: 'read', object: null };
    if (read.kind === 'decoded')
      return { kind: 'read', object: { etag: read.etag, lease: read.value } };
    // It may be of a later version, so it must not be taken.
    this.#deps.log.error({ event: 'lease.malformed', reason: read.reason }, 'lease malformed');
    return { kind: 'read-failed' };
  }

  async #writeLease({
    onlyIf,
    lease,
  }: Extract<LeaseEffect, { kind: 'write' }>): Promise<LeaseEvent> {
    const outcome = await compareAndSetJson(
      this.#deps.store,
      FLEET_LEASE_KEY,
      lease,
      fleetLeaseCodec,
      onlyIf,
    );
    return outcome.kind === 'stored' ? outcome : { kind: 'unclear' };
  }
}

const LEASE_CALLS = {
  read: { event: 'lease.read-failed', failed: 'lease read failed' },
  write: { event: 'lease.write-failed', failed: 'lease write failed' },
} as const;
