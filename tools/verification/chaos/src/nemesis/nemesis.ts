import { sleep } from '@labelfleet/runtime';
import type { FaultsClient } from '@labelfleet/testkit/faults-client';
import { sendSignal } from '@labelfleet/testkit/send-signal';
import { ANYWHERE } from '../history/event.ts';
import type { History } from '../history/history.ts';
import type { Act, Planned } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import { catchAtStep } from './catch-at-step.ts';
import type { Victim, Victims } from './victims.ts';

/** How long an act waits for a process at its step before it is postponed. */
const PATIENCE_MS = 8_000;
const RARE_PATIENCE_MS = 60_000;
const POSTPONED_MS = 300;

interface NemesisDeps {
  faults: FaultsClient;
  victims: Victims;
  history: Pick<History, 'note'>;
}

/** Carries out the planned acts of a lane, one after the other. */
export class Nemesis {
  readonly #deps: NemesisDeps;

  constructor(deps: NemesisDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when all acts are done or the signal aborts. An act that found no process is postponed to the end.
   */
  async run(role: Step['role'], planned: readonly Planned[], signal: AbortSignal): Promise<void> {
    const beganAt = performance.now();
    const left = [...planned];
    for (let next = left.shift(); next !== undefined && !signal.aborted; next = left.shift()) {
      await sleep(Math.max(0, beganAt + next.atMs - performance.now()), signal);
      if (signal.aborted) return;
      if (await this.#do(role, next.act, signal)) continue;
      left.push({ ...next, atMs: 0 });
      await sleep(POSTPONED_MS);
    }
  }

  /** @returns false if the act found no process */
  async #do(role: Step['role'], act: Act, signal: AbortSignal): Promise<boolean> {
    const { victims } = this.#deps;
    if (act.kind === 'kill-at' || act.kind === 'delay') return this.#doAtStep(act, signal);
    const victim = await victims.anyOf(role);
    if (victim === undefined) return false;
    return act.kind === 'kill' ? victim.kill(ANYWHERE) : this.#stall(victim, act.forMs, signal);
  }

  async #doAtStep(
    act: Extract<Act, { kind: 'kill-at' | 'delay' }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { faults, victims, history } = this.#deps;
    const { role, name: step, rare } = act.step;
    const late = act.kind === 'kill-at' && act.late;
    const patience = AbortSignal.timeout(rare ? RARE_PATIENCE_MS : PATIENCE_MS);
    const caught = await catchAtStep(faults, act.step, late, AbortSignal.any([signal, patience]));
    if (caught === null) return false;
    const { caller, holding, release } = caught;
    if (act.kind === 'delay') {
      const { forMs } = act;
      history.note({ kind: 'delayed', role, caller, step, holding, forMs });
      await sleep(forMs, signal);
      await release();
      return true;
    }
    const victim = await victims.byCaller(role, caller);
    const killed = await victim?.kill({ step, holding, late });
    // The sender is dead, so a call that was held before its effect now has none.
    await release();
    return killed === true;
  }

  async #stall({ role, name, pid }: Victim, forMs: number, signal: AbortSignal): Promise<boolean> {
    if (!sendSignal(pid, 'SIGSTOP')) return false;
    this.#deps.history.note({ kind: 'stalled', role, name, pid, forMs });
    await sleep(forMs, signal);
    sendSignal(pid, 'SIGCONT');
    return true;
  }
}
