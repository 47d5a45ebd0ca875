import type { Fleet } from '@labelfleet/aws/fleet';
import { WORKER_TAGS } from '@labelfleet/contracts';
import type { Decided, Decision } from '@labelfleet/scaling';
import { backOff, NO_BACKOFF } from './backoff.ts';
import type { FleetKnowledge } from './fleet-knowledge.ts';
import {
  decideTerminate,
  instruct,
  instructionSet,
  instructionsDue,
  intend,
  launchAnswered,
  unansweredIntent,
  type FleetMemory,
} from './fleet-memory.ts';
import type { Launcher } from './launcher.ts';
import type { MemoryKeeper } from './memory-keeper.ts';
import { attempt, type Trouble } from './trouble.ts';

/** What a tick did. */
export interface Acted {
  /** Instances that EC2 has launched. */
  launched: number;
  /** Workers newly told to go back to work, and to drain. */
  resumed: number;
  drained: number;
  /** Instances that EC2 has taken to terminate. */
  terminated: number;
  troubles: readonly Trouble[];
}

export type Act = (
  decided: Pick<Decided, 'decision' | 'because'>,
  reports: FleetKnowledge['reports'],
  now: number,
) => Promise<Acted>;

export interface ActorOptions {
  fleet: Pick<Fleet, 'tag' | 'terminate'>;
  launcher: Launcher;
  memory: MemoryKeeper;
  newNonce: () => string;
  /** 0 to 1 */
  random: () => number;
}

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
  readonly act: Act = async ({ decision }, reports, now) => {
    const { memory } = this.#options;
    const troubles: Trouble[] = [];
    await memory.write(await this.#plan(decision, reports, now, troubles));
    await this.#tell(reports, now, troubles);
    const launched = await this.#launch(now, troubles);
    const terminated = await this.#terminate(now, troubles);
    return {
      launched,
      resumed: decision.resume.length,
      drained: decision.drain.length,
      terminated,
      troubles,
    };
  };

  async #plan(
    decision: Decision,
    reports: FleetKnowledge['reports'],
    now: number,
    troubles: Trouble[],
  ): Promise<FleetMemory> {
    const { launcher, newNonce } = this.#options;
    let memory = this.#options.memory.read();
    const tell = (instanceId: string, kind: 'drain' | 'resume') => {
      const previousId = reports.get(instanceId)?.event.instructionId;
      memory = instruct(memory, instanceId, kind, previousId, now, newNonce());
    };
    for (const instanceId of decision.resume) tell(instanceId, 'resume');
    for (const instanceId of decision.drain) tell(instanceId, 'drain');
    for (const instanceId of decision.terminate) memory = decideTerminate(memory, instanceId);
    // One RunInstances a tick: a launch without an answer goes first.
    if (decision.launch > 0 && unansweredIntent(memory) === undefined) {
      const prepared = await launcher.prepare(decision.launch, now);
      if (prepared.kind === 'ready') memory = intend(memory, prepared.request, now);
      else if (prepared.kind !== 'wait') troubles.push(prepared);
    }
    return memory;
  }

  async #launch(now: number, troubles: Trouble[]): Promise<number> {
    const { launcher, memory } = this.#options;
    const intent = unansweredIntent(memory.read());
    if (intent === undefined) return 0;
    const { launched, trouble } = await launcher.send(intent.request, now);
    if (trouble !== undefined) troubles.push(trouble);
    if (launched === null) return 0;
    await memory.write(launchAnswered(memory.read(), intent.request.clientToken, launched));
    return launched;
  }

  async #tell(reports: FleetKnowledge['reports'], now: number, troubles: Trouble[]): Promise<void> {
    const { fleet, memory } = this.#options;
    const due = instructionsDue(memory.read(), reports);
    const told = await this.#each(due, 'tag', now, troubles, ({ instanceId, instruction }) =>
      fleet.tag(instanceId, { [WORKER_TAGS[instruction.kind]]: instruction.id }),
    );
    if (told.length === 0) return;
    await memory.write(
      told.reduce((next, { instanceId }) => instructionSet(next, instanceId, now), memory.read()),
    );
  }

  async #terminate(now: number, troubles: Trouble[]): Promise<number> {
    const { fleet, memory } = this.#options;
    const ending = memory.read().terminates.map((instanceId) => ({ instanceId }));
    const done = await this.#each(ending, 'terminate', now, troubles, ({ instanceId }) =>
      fleet.terminate(instanceId),
    );
    return done.length;
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
      slower ||= kind !== 'not-found';
    }
    this.#backoff = slower ? backOff(this.#backoff, now, this.#options.random()) : NO_BACKOFF;
    return done;
  }
}
