import type { Fleet } from '@labelfleet/aws/fleet';
import { WORKER_TAGS } from '@labelfleet/contracts';
import type { Decided } from '@labelfleet/scaling';
import { backOff, NO_BACKOFF } from './backoff.ts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';
import {
  instructionSet,
  instructionsDue,
  intend,
  lateIntents,
  lateIntentToSend,
  launchAnswered,
  maySend,
  sendAgain,
  unansweredIntent,
  type FleetMemory,
} from '../memory/fleet-memory.ts';
import type { Launcher } from '../launch/launcher.ts';
import type { MemoryKeeper } from '../memory/memory-keeper.ts';
import { planInstructions } from '../memory/plan-instructions.ts';
import { attempt, type Trouble } from './call-failure.ts';

/** What a tick did. */
export interface Acted {
  /** Instances that EC2 has launched. */
  launched: number;
  /** Workers newly told to go back to work, and to drain. */
  resumed: number;
  drained: number;
  /** Instances that EC2 has taken to terminate: drained ones, and ones that could not be heard any more. */
  terminated: number;
  silenced: number;
  troubles: readonly Trouble[];
  /** Why launches wait, in words; undefined where nothing keeps them. */
  reason?: string;
}

/** What a tick did, as it is counted. */
export const STEPS = ['launched', 'resumed', 'drained', 'terminated', 'silenced'] as const;

/** @param remembered what is to be written down with the decision */
export type Act = (
  decided: Pick<Decided, 'decision' | 'reason'> & Partial<Pick<Decided, 'withoutRoom'>>,
  remembered: FleetMemory,
  reports: FleetKnowledge['reports'],
  now: number,
) => Promise<Acted>;

export const NOTHING_DONE: Acted = {
  launched: 0,
  resumed: 0,
  drained: 0,
  terminated: 0,
  silenced: 0,
  troubles: [],
};

export interface ActorOptions {
  fleet: Pick<Fleet, 'tag' | 'terminate'>;
  launcher: Launcher;
  memory: MemoryKeeper;
  newNonce: () => string;
  /** Milliseconds since the epoch. */
  unixMs: () => number;
  /** 0 to 1 */
  random: () => number;
}

const NOT_REMEMBERED: Trouble = {
  call: 'remember',
  kind: 'failed',
  detail: 'the lease could not be written: nothing is done',
};

const TOO_LATE = 'not called: it was decided too long ago, and is sent again next time';

/** Does what was decided, and again what was decided before and has not come about. */
export class Actor {
  readonly #options: ActorOptions;
  #backoff = NO_BACKOFF;

  constructor(options: ActorOptions) {
    this.#options = options;
  }

  /**
   * Everything is written down first and done afterwards: calling a worker back is the quickest help for an
   * image that waits, so instructions go first; terminating only saves money, so it goes last.
   */
  readonly act: Act = async (decided, remembered, reports, now) => {
    const { memory, launcher, newNonce } = this.#options;
    const { decision, withoutRoom = 0 } = decided;
    const troubles: Trouble[] = [];
    const instructed = planInstructions(decision, remembered, reports, now, newNonce);
    const plan = await this.#planLaunch(decision.launch, withoutRoom, instructed, now, troubles);
    if ((await memory.write(plan)) === 'not-written')
      return { ...NOTHING_DONE, troubles: [...troubles, NOT_REMEMBERED] };
    await this.#tell(reports, now, troubles);
    const launched = await this.#launch(now, troubles);
    const terminated = await this.#terminate(now, troubles);
    const reason = launcher.refusals(now);
    return {
      launched,
      resumed: decision.resume.length,
      drained: decision.drain.length,
      ...terminated,
      troubles,
      ...(reason === undefined ? {} : { reason }),
    };
  };

  /**
   * The memory with the RunInstances of this tick, if there is one: first a launch without an answer, sent again,
   * then the workers there is room for, then a launch that takes the room of others and may still come.
   */
  async #planLaunch(
    count: number,
    withoutRoom: number,
    memory: FleetMemory,
    now: number,
    troubles: Trouble[],
  ): Promise<FleetMemory> {
    const { launcher } = this.#options;
    const unanswered = unansweredIntent(memory);
    if (unanswered !== undefined) {
      if (!launcher.maySend(now)) return memory;
      return sendAgain(memory, unanswered.request.clientToken, now);
    }
    if (count > 0) {
      const avoid = lateIntents(memory).map(({ request }) => request);
      const prepared = await launcher.prepare(count, memory, now, avoid);
      if (prepared.kind === 'ready') return intend(memory, prepared.request, now);
      if (prepared.kind !== 'wait') troubles.push(prepared);
      return memory;
    }
    if (withoutRoom === 0) return memory;
    const late = lateIntentToSend(memory, (place) => launcher.maySendTo(place, now), now);
    return late === undefined ? memory : sendAgain(memory, late.request.clientToken, now);
  }

  async #launch(now: number, troubles: Trouble[]): Promise<number> {
    const { launcher, memory, unixMs } = this.#options;
    const intent = unansweredIntent(memory.read());
    if (intent === undefined || !launcher.maySend(now)) return 0;
    if (!maySend(intent, unixMs())) {
      troubles.push({ call: 'launch', kind: 'failed', detail: TOO_LATE });
      return 0;
    }
    const { answer, trouble } = await launcher.send(intent.request, now);
    if (trouble !== undefined) troubles.push(trouble);
    if (answer.kind === 'not-sent') return 0;
    const { clientToken } = intent.request;
    memory.note(launchAnswered(memory.read(), clientToken, answer, unixMs()));
    return answer.kind === 'launched' ? answer.instances : 0;
  }

  async #tell(reports: FleetKnowledge['reports'], now: number, troubles: Trouble[]): Promise<void> {
    const { fleet, memory } = this.#options;
    const due = instructionsDue(memory.read(), reports);
    const told = await this.#each(due, 'tag', now, troubles, ({ instanceId, instruction }) =>
      fleet.tag(instanceId, { [WORKER_TAGS[instruction.kind]]: instruction.id }),
    );
    if (told.length === 0) return;
    memory.note(
      told.reduce((next, { instanceId }) => instructionSet(next, instanceId, now), memory.read()),
    );
  }

  async #terminate(now: number, troubles: Trouble[]) {
    const { fleet, memory } = this.#options;
    const { terminates } = memory.read();
    const ending = Object.entries(terminates).map(([instanceId, reason]) => ({
      instanceId,
      reason,
    }));
    const done = await this.#each(ending, 'terminate', now, troubles, ({ instanceId }) =>
      fleet.terminate(instanceId),
    );
    const terminated = done.filter(
      ({ reason }) => reason === 'drained' || reason === 'stopped',
    ).length;
    return { terminated, silenced: done.length - terminated };
  }

  /**
   * Makes a call for each, and resolves with those it was done for; the others come again next tick. They go
   * out together: the sockets of the connection are limit enough.
   */
  async #each<T extends { instanceId: string }>(
    items: readonly T[],
    call: Trouble['call'],
    now: number,
    troubles: Trouble[],
    make: (item: T) => Promise<'tagged' | 'terminating' | 'not-found' | 'throttled'>,
  ): Promise<T[]> {
    if (items.length === 0 || now < this.#backoff.notBeforeMs) return [];
    const results = await Promise.all(
      items.map(async (item) => ({ item, result: await attempt(() => make(item)) })),
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
      troubles.push({ call, kind, detail: `${item.instanceId}: ${detail}` });
      slower ||= kind !== 'not-found' && (result.kind !== 'failed' || result.sent);
    }
    this.#backoff = slower ? backOff(this.#backoff, now, this.#options.random()) : NO_BACKOFF;
    return done;
  }
}
