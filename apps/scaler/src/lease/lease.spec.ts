import type { FleetLease } from '@labelfleet/contracts';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { EMPTY_MEMORY } from '../memory/fleet-memory.ts';
import {
  idleTimes,
  leaseTimes,
  mayLead,
  STANDBY,
  stepLease,
  type LeaseContext,
  type LeaseEvent,
  type LeaseState,
  type StoredLease,
} from './lease.ts';

const times = leaseTimes(10_000);
const context = (monotonicMs: number, nonce = 'new'): LeaseContext => ({
  leader: 'me',
  times,
  monotonicMs,
  unixMs: 0,
  nonce,
  emptyMemory: EMPTY_MEMORY,
});
const aLease = (overrides: Partial<FleetLease> = {}): FleetLease => ({
  v: 1,
  leader: 'other',
  nonce: 'old',
  seq: 4,
  writtenAtMs: 0,
  memory: EMPTY_MEMORY,
  ...overrides,
});
const object = (etag: string, overrides: Partial<FleetLease> = {}): StoredLease => ({
  etag,
  lease: aLease(overrides),
});

/** Since 1 s it has seen the ETag "e0". */
const watching: LeaseState = {
  role: 'standby',
  seen: { etag: 'e0', sinceMs: 1000 },
  writing: undefined,
};
/** It wrote the lease at 20 s. */
const holding: LeaseState = {
  role: 'leader',
  held: { etag: 'e0', lease: aLease({ leader: 'me', nonce: 'mine' }) },
  confirmedAtMs: 20_000,
  leadsUntilMs: 29_000,
  writing: undefined,
};
const STORED: LeaseEvent = { kind: 'stored', etag: 'e1' };
const UNCLEAR: LeaseEvent = { kind: 'unclear' };
const READ_FAILED: LeaseEvent = { kind: 'read-failed' };
/** The lease was read with this ETag. */
const read = (...stored: Parameters<typeof object>): LeaseEvent => ({
  kind: 'read',
  object: object(...stored),
});
const due: LeaseEvent = { kind: 'due', memory: EMPTY_MEMORY };
const MEMORY = { ...EMPTY_MEMORY, terminates: { 'i-1': 'drained' as const } };

/** The state in which a write is under way, sent at 23 s with the nonce "new". */
const writing = (from: LeaseState, event: LeaseEvent, atMs = 23_000) =>
  stepLease(from, event, context(atMs)).state;
const renewing = writing(holding, due);
const taking = writing(watching, read('e0'), 11_000);
const givingUp = writing(holding, { kind: 'give-up', memory: EMPTY_MEMORY });

interface Row {
  title: string;
  state: LeaseState;
  event: LeaseEvent;
  atMs: number;
  becomes?: object;
  effect?: object;
}

const READS = { kind: 'read' };
/** The object with this ETag is replaced by this lease. */
const writes = (etag: string, lease: object = {}) => ({ kind: 'write', onlyIf: { etag }, lease });
const leading = (etag: string, confirmedAtMs: number, lease: object = {}) => ({
  role: 'leader',
  held: { etag, lease },
  confirmedAtMs,
});
const standingBy = (etag: string, sinceMs: number) => ({
  role: 'standby',
  seen: { etag, sinceMs },
});

const rows: Row[] = [
  {
    title: 'a standby reads the lease',
    state: watching,
    event: due,
    atMs: 0,
    effect: READS,
  },
  {
    title: 'a standby creates a missing lease',
    state: STANDBY,
    event: { kind: 'read', object: null },
    atMs: 0,
    becomes: { role: 'standby' },
    effect: { kind: 'write', onlyIf: 'absent', lease: { leader: 'me', nonce: 'new', seq: 1 } },
  },
  {
    title: 'a standby measures the age of a lease from its first read',
    state: STANDBY,
    event: read('e0'),
    atMs: 60_000,
    becomes: { seen: { etag: 'e0', sinceMs: 60_000 } },
  },
  {
    title: 'a standby does not take a lease that is unchanged for less than 10 s',
    state: watching,
    event: read('e0'),
    atMs: 10_999,
    becomes: standingBy('e0', 1000),
  },
  {
    title: 'a standby takes a lease that is unchanged for 10 s, with the memory it read',
    state: watching,
    event: read('e0', { memory: MEMORY }),
    atMs: 11_000,
    effect: writes('e0', { leader: 'me', nonce: 'new', seq: 5, memory: MEMORY }),
  },
  {
    title: 'a standby restarts its measurement when the lease has changed',
    state: watching,
    event: read('e1'),
    atMs: 30_000,
    becomes: standingBy('e1', 30_000),
  },
  {
    title: 'a standby takes a lease that was given up at once',
    state: STANDBY,
    event: read('e1', { leader: null }),
    atMs: 0,
    effect: writes('e1'),
  },
  {
    title: 'a standby writes no memory',
    state: watching,
    event: { kind: 'write-memory', memory: MEMORY },
    atMs: 0,
    becomes: watching,
  },
  {
    title: 'a standby has nothing to give up',
    state: watching,
    event: { kind: 'give-up', memory: EMPTY_MEMORY },
    atMs: 0,
    becomes: watching,
  },
  {
    title: 'a standby continues its measurement after a failed read',
    state: watching,
    event: READ_FAILED,
    atMs: 9000,
    becomes: watching,
  },
  {
    title: 'a take that is stored makes a leader, from when it was sent',
    state: taking,
    event: STORED,
    atMs: 12_000,
    becomes: leading('e1', 11_000),
  },
  {
    title: 'a take without a clear response is read back',
    state: taking,
    event: UNCLEAR,
    atMs: 12_000,
    effect: READS,
  },
  {
    title: 'a take that is read back makes a leader, from when it was sent',
    state: taking,
    event: read('e1', { leader: 'me', nonce: 'new' }),
    atMs: 14_000,
    becomes: leading('e1', 11_000),
  },
  {
    title: 'a take that lost against another scaler leaves a standby that restarts its measurement',
    state: taking,
    event: read('e1', { leader: 'third', nonce: 'theirs' }),
    atMs: 14_000,
    becomes: { ...standingBy('e1', 14_000), writing: undefined },
  },
  {
    title: 'a take that had no effect is tried again after the next read',
    state: taking,
    event: read('e0'),
    atMs: 14_000,
    becomes: { ...standingBy('e0', 1000), writing: undefined },
  },
  {
    title: 'a take that cannot be read back leaves a standby, which does not act',
    state: taking,
    event: READ_FAILED,
    atMs: 14_000,
    becomes: { role: 'standby', writing: undefined },
  },
  {
    title: 'a leader does not renew before 3 s',
    state: holding,
    event: due,
    atMs: 22_999,
    becomes: holding,
  },
  {
    title: 'a leader renews after 3 s',
    state: holding,
    event: due,
    atMs: 23_000,
    effect: writes('e0', { leader: 'me', nonce: 'new', seq: 5 }),
  },
  {
    title: 'a leader writes its memory at once',
    state: holding,
    event: { kind: 'write-memory', memory: MEMORY },
    atMs: 20_001,
    effect: writes('e0', { leader: 'me', memory: MEMORY }),
  },
  {
    title: 'a renewal that is stored counts from when it was sent',
    state: renewing,
    event: STORED,
    atMs: 29_000,
    becomes: leading('e1', 23_000, { seq: 5 }),
  },
  {
    title: 'a renewal without a clear response is read back',
    state: renewing,
    event: UNCLEAR,
    atMs: 24_000,
    effect: READS,
  },
  {
    title: 'a renewal that finds its own nonce has taken effect',
    state: renewing,
    event: read('e1', { leader: 'me', nonce: 'new' }),
    atMs: 25_000,
    becomes: leading('e1', 23_000),
  },
  {
    title: 'a renewal that had no effect does not extend the lease',
    state: renewing,
    event: read('e0', { leader: 'me', nonce: 'mine' }),
    atMs: 25_000,
    becomes: { ...holding },
  },
  {
    title:
      'a renewal that met an earlier write of the leader goes on from that, without its memory',
    state: renewing,
    event: read('e9', { leader: 'me', nonce: 'earlier', seq: 9, memory: MEMORY }),
    atMs: 25_000,
    becomes: leading('e9', 20_000, { seq: 9, memory: EMPTY_MEMORY }),
  },
  {
    title: 'a renewal that cannot be read back does not extend the lease',
    state: renewing,
    event: READ_FAILED,
    atMs: 25_000,
    becomes: { ...holding },
  },
  {
    title: 'a leader whose lease was taken stands by',
    state: renewing,
    event: read('e1'),
    atMs: 40_000,
    becomes: standingBy('e1', 40_000),
  },
  {
    title: 'a leader whose lease was removed stands by',
    state: renewing,
    event: { kind: 'read', object: null },
    atMs: 40_000,
    becomes: { role: 'standby', seen: undefined },
  },
  {
    title: 'a lease is given up by a write without a leader',
    state: holding,
    event: { kind: 'give-up', memory: MEMORY },
    atMs: 21_000,
    effect: writes('e0', { leader: null, memory: MEMORY }),
  },
  {
    title: 'a scaler that has given the lease up stands by',
    state: givingUp,
    event: STORED,
    atMs: 24_000,
    becomes: { role: 'standby', seen: undefined, writing: undefined },
  },
];

/** It wrote the lease at 20 s, when there was nothing to do: it is valid for 60 s. */
const idling: LeaseState = {
  role: 'leader',
  held: { etag: 'e0', lease: aLease({ leader: 'me', nonce: 'mine', expiresMs: 60_000 }) },
  confirmedAtMs: 20_000,
  leadsUntilMs: 74_000,
  writing: undefined,
};

describe('the lease', () => {
  it.each(rows)('$title', ({ state, event, atMs, becomes = {}, effect }) => {
    const step = stepLease(state, event, context(atMs));
    expect(step.state).toMatchObject(becomes);
    if (effect === undefined) expect(step.effect).toBeUndefined();
    else expect(step.effect).toMatchObject(effect);
  });

  it.each<[string, LeaseState, number, boolean]>([
    ['right after its write', holding, 20_000, true],
    ['until 9 s after it was sent', holding, 28_999, true],
    ['no longer 9 s after, when no standby can have taken it yet', holding, 29_000, false],
    ['no longer while a late renewal is under way', renewing, 29_000, false],
    ['not before its take is known to stand', taking, 11_000, false],
    ['never as a standby', watching, 11_000, false],
    ['until 54 s after an idle write', idling, 73_999, true],
    ['9 s after a shorter write that may have taken effect', writing(idling, due), 31_999, true],
    ['no longer than that', writing(idling, due), 32_000, false],
  ])('lets its leader act: %s', (_, state, atMs, may) => {
    expect(mayLead(state, atMs)).toBe(may);
  });
});

type Action =
  | { kind: 'passes'; seconds: number }
  | { kind: 'due' | 'writes'; who: 0 | 1; idle: boolean; fate: Fate }
  | { kind: 'dies'; who: 0 | 1 };
/** A write may take effect without an answer, or be lost; the read after it may fail too. */
type Fate = 'answered' | 'unanswered' | 'unanswered, not read' | 'lost' | 'lost, not read';

const fate = fc.constantFrom<Fate[]>(
  'answered',
  'unanswered',
  'unanswered, not read',
  'lost',
  'lost, not read',
);
const who = fc.constantFrom(0, 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('passes'), seconds: fc.integer({ min: 1, max: 20 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('due', 'writes'),
      who,
      idle: fc.boolean(),
      fate,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('dies'), who }) },
);

/** Two scalers with separate clocks and one object. */
class Store {
  nowMs = 0;
  object: StoredLease | null = null;
  scalers: [LeaseState, LeaseState] = [STANDBY, STANDBY];
  #nonces = 0;

  do(act: Action): void {
    if (act.kind === 'passes') this.nowMs += act.seconds * 1000;
    else if (act.kind === 'dies') this.scalers[act.who] = STANDBY;
    else {
      const event = { kind: act.kind === 'due' ? 'due' : 'write-memory', memory: EMPTY_MEMORY };
      this.#step(act.who, event as LeaseEvent, act);
    }
  }

  #step(who: 0 | 1, event: LeaseEvent, { idle, fate }: { idle: boolean; fate: Fate }): void {
    const { state, effect } = stepLease(this.scalers[who], event, {
      ...context(this.nowMs + who * 500_000, `n${(this.#nonces += 1)}`),
      leader: `scaler ${who}`,
      times: idle ? idleTimes(times) : times,
    });
    this.scalers[who] = state;
    if (effect === undefined) return;
    const call = { idle, fate };
    if (effect.kind === 'read') {
      const fails = event.kind === 'unclear' && fate.endsWith('not read');
      this.#step(who, fails ? READ_FAILED : { kind: 'read', object: this.object }, call);
      return;
    }
    const { onlyIf, lease } = effect;
    const fits = onlyIf === 'absent' ? this.object === null : this.object?.etag === onlyIf.etag;
    const takes = fits && !fate.startsWith('lost');
    if (takes) this.object = { etag: lease.nonce, lease };
    this.#step(
      who,
      takes && fate === 'answered' ? { kind: 'stored', etag: lease.nonce } : UNCLEAR,
      call,
    );
  }

  leading(): number {
    return this.scalers.filter((state, who) => mayLead(state, this.nowMs + who * 500_000)).length;
  }
}

test('never lets two scalers lead, however long each write is valid and whatever becomes of it', () => {
  let led = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 5, maxLength: 60 }), (actions) => {
      const store = new Store();
      for (const each of actions) {
        store.do(each);
        expect(store.leading()).toBeLessThanOrEqual(1);
        led += store.leading();
      }
    }),
    { numRuns: 2_000 },
  );
  expect(led).toBeGreaterThan(1_000);
});
