import type { Fleet } from '@labelfleet/aws/fleet';
import { WORKER_TAGS, type FleetMemory } from '@labelfleet/contracts';
import type { Clock } from '@labelfleet/runtime';
import type { Decided } from '@labelfleet/scaling';
import { backOff, NO_BACKOFF } from './backoff.ts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';
import { instructionSet, instructionsDue } from '../memory/instructions.ts';
import {
  intend,
  lateIntents,
  lateIntentToSend,
  launchAnswered,
  maySend,
  sendAgain,
  unansweredIntent,
} from '../memory/launch-intents.ts';
import type { Launcher } from '../launch/launcher.ts';
import type { MemoryKeeper } from '../memory/memory-keeper.ts';
import { planInstructions } from '../memory/plan-instructions.ts';
import { tryCall, type CallFailure } from './call-failure.ts';

/** What a tick did. */
export interface Acted {
  /** Instances that EC2 has launched. */
  launched: number;
  /** Workers that got a new instruction to resume, or to drain. */
  resumed: number;
  drained: number;
  /** Instances that EC2 accepted to terminate: drained or stopped ones, and silent ones. */
  terminated: number;
  silenced: number;
  failures: readonly CallFailure[];
  /** Why launches wait, in words; undefined if nothing delays them. */
  reason?: string;
}

/** The actions that the metrics count. */
export const STEPS = ['launched', 'resumed', 'drained', 'terminated', 'silenced'] as const;

/** @param remembered the memory to write with the decision */
export type Act = (
  decided: Pick<Decided, 'decision' | 'reason'> & Partial<Pick<Decided, 'withoutRoom'>>,
  fleetMemory: FleetMemory,
  heartbeats: FleetKnowledge['heartbeats'],
  now: number,
) => Promise<Acted>;

export const NOTHING_DONE: Acted = {
  launched: 0,
  resumed: 0,
  drained: 0,
  terminated: 0,
  silenced: 0,
  failures: [],
};

export interface ActorDeps {
  fleet: Pick<Fleet, 'tag' | 'terminate'>;
  launcher: Launcher;
  memory: MemoryKeeper;
  newNonce: () => string;
  clock: Pick<Clock, 'unixMs'>;
  /** 0 to 1 */
  random: () => number;
}

const LEASE_NOT_WRITTEN: CallFailure = {
  call: 'write-lease',
  kind: 'failed',
  detail: 'the lease could not be written: nothing is done',
};

const SENT_TOO_LATE = 'not called: it was decided too long ago, and is sent again next time';

/** Carries decisions out, and retries earlier ones that have not taken effect. */
export class Actor {
  readonly #deps: ActorDeps;
  #backoff = NO_BACKOFF;

  constructor(deps: ActorDeps) {
    this.#deps = deps;
  }

  /**
   * Writes everything into the lease first and acts afterwards. Instructions go first, because a resumed worker is
   * the quickest help for a waiting image; terminating only saves money, so it goes last.
   */
  readonly act: Act = async (decided, fleetMemory, heartbeats, now) => {
    const { memory, launcher, newNonce } = this.#deps;
    const { decision, withoutRoom = 0 } = decided;
    const failures: CallFailure[] = [];
    const instructed = planInstructions(decision, fleetMemory, heartbeats, now, newNonce);
    const plan = await this.#planLaunch(decision.launch, withoutRoom, instructed, now, failures);
    if ((await memory.write(plan)) === 'not-written')
      return { ...NOTHING_DONE, failures: [...failures, LEASE_NOT_WRITTEN] };
    await this.#tagInstructions(heartbeats, now, failures);
    const launched = await this.#launch(now, failures);
    const terminated = await this.#terminate(now, failures);
    const reason = launcher.refusals(now);
    return {
      launched,
      resumed: decision.resume.length,
      drained: decision.drain.length,
      ...terminated,
      failures,
      ...(reason === undefined ? {} : { reason }),
    };
  };

  /**
   * Adds this tick's RunInstances call, if any, to the memory. In this order: a launch without a response, sent
   * again; a launch of the workers there is room for; a late launch that counts against the maximum, sent again to
   * learn its outcome.
   */
  async #planLaunch(
    count: number,
    withoutRoom: number,
    memory: FleetMemory,
    now: number,
    failures: CallFailure[],
  ): Promise<FleetMemory> {
    const { launcher } = this.#deps;
    const unanswered = unansweredIntent(memory);
    if (unanswered !== undefined) {
      if (!launcher.maySend(now)) return memory;
      return sendAgain(memory, unanswered.request.clientToken, now);
    }
    if (count > 0) {
      const avoid = lateIntents(memory).map(({ request }) => request);
      const prepared = await launcher.prepare(count, memory, now, avoid);
      if (prepared.kind === 'ready') return intend(memory, prepared.request, now);
      if (prepared.kind !== 'wait') failures.push(prepared);
      return memory;
    }
    if (withoutRoom === 0) return memory;
    const late = lateIntentToSend(memory, (place) => launcher.maySendTo(place, now), now);
    return late === undefined ? memory : sendAgain(memory, late.request.clientToken, now);
  }

  async #launch(now: number, failures: CallFailure[]): Promise<number> {
    const { launcher, memory, clock } = this.#deps;
    const intent = unansweredIntent(memory.read());
    if (intent === undefined || !launcher.maySend(now)) return 0;
    if (!maySend(intent, clock.unixMs())) {
      failures.push({ call: 'launch', kind: 'failed', detail: SENT_TOO_LATE });
      return 0;
    }
    const { answer, failure } = await launcher.send(intent.request, now);
    if (failure !== undefined) failures.push(failure);
    if (answer.kind === 'not-sent') return 0;
    const { clientToken } = intent.request;
    memory.note(launchAnswered(memory.read(), clientToken, answer, clock.unixMs()));
    return answer.kind === 'launched' ? answer.instances : 0;
  }

  async #tagInstructions(
    heartbeats: FleetKnowledge['heartbeats'],
    now: number,
    failures: CallFailure[],
  ): Promise<void> {
    const { fleet, memory } = this.#deps;
    const due = instructionsDue(memory.read(), heartbeats);
    const tagged = await this.#each(due, 'tag', now, failures, ({ instanceId, instruction }) =>
      fleet.tag(instanceId, { [WORKER_TAGS[instruction.kind]]: instruction.id }),
    );
    if (tagged.length === 0) return;
    memory.note(
      tagged.reduce((next, { instanceId }) => instructionSet(next, instanceId, now), memory.read()),
    );
  }

  async #terminate(now: number, failures: CallFailure[]) {
    const { fleet, memory } = this.#deps;
    const { terminates } = memory.read();
    const ending = Object.entries(terminates).map(([instanceId, reason]) => ({
      instanceId,
      reason,
    }));
    const done = await this.#each(ending, 'terminate', now, failures, ({ instanceId }) =>
      fleet.terminate(instanceId),
    );
    const terminated = done.filter(
      ({ reason }) => reason === 'drained' || reason === 'stopped',
    ).length;
    return { terminated, silenced: done.length - terminated };
  }

  /**
   * Makes one call for each item and resolves with the items whose call succeeded; the next tick retries the
   * others. The calls run concurrently, limited by the sockets of the connection.
   */
  async #each<T extends { instanceId: string }>(
    items: readonly T[],
    call: CallFailure['call'],
    now: number,
    failures: CallFailure[],
    make: (item: T) => Promise<'tagged' | 'terminating' | 'not-found' | 'throttled'>,
  ): Promise<T[]> {
    if (items.length === 0 || now < this.#backoff.notBeforeMs) return [];
    const results = await Promise.all(
      items.map(async (item) => ({ item, result: await tryCall(() => make(item)) })),
    );
    const done: T[] = [];
    let slower = false;
    for (const { item, result } of results) {
      const kind = result.kind === 'failed' ? 'failed' : result.answer;
      if (kind === 'tagged' || kind === 'terminating') {
        done.push(item);
        continue;
      }
      const detail = result.kind === 'failed' ? result.detail : kind;
      failures.push({ call, kind, detail: `${item.instanceId}: ${detail}` });
      slower ||= kind !== 'not-found' && (result.kind !== 'failed' || result.sent);
    }
    this.#backoff = slower ? backOff(this.#backoff, now, this.#deps.random()) : NO_BACKOFF;
    return done;
  }
}
