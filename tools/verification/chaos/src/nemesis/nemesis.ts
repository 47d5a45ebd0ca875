import type { Random } from '@labelfleet/testkit/random';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventOf } from '../history/event.ts';
import type { History } from '../history/history.ts';
import type { Act, Planned } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import { sendSignal } from '@labelfleet/testkit/send-signal';
import type { FaultsClient } from '@labelfleet/testkit/faults-client';
import { catchAtStep, catchDelayedCall } from './catch-at-step.ts';
import type { Victim, Victims } from './victims.ts';

/** How long an act waits for a process at its step before it is postponed. */
const PATIENCE_MS = 8_000;
const RARE_PATIENCE_MS = 60_000;
const POSTPONED_MS = 300;

type HowKilled = Pick<EventOf<'killed'>, 'step' | 'holding' | 'late'>;
const ANYWHERE: HowKilled = { step: null, holding: [], late: false };

interface NemesisParts {
  faults: FaultsClient;
  victims: Victims;
  history: Pick<History, 'note'>;
  random: Random;
}

/** Carries out the planned acts of a lane, one after the other. */
export class Nemesis {
  readonly #parts: NemesisParts;

  constructor(parts: NemesisParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when all acts are done or the signal aborts. An act that found no process is postponed to the end.
   */
  async run(role: Step['role'], planned: readonly Planned[], signal: AbortSignal): Promise<void> {
    const beganAt = performance.now();
    const left = [...planned];
    for (let next = left.shift(); next !== undefined && !signal.aborted; next = left.shift()) {
      const waitMs = beganAt + next.atMs - performance.now();
      await delay(Math.max(0, waitMs), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const done = await this.#do(role, next.act, signal);
      if (done) continue;
      left.push({ ...next, atMs: 0 });
      await delay(POSTPONED_MS);
    }
  }

  async #do(role: Step['role'], act: Act, signal: AbortSignal): Promise<boolean> {
    switch (act.kind) {
      case 'kill':
        return this.#onAny(role, (victim) => victim.kill(ANYWHERE));
      case 'stall':
        return this.#onAny(role, (victim) => this.#stall(victim, act.forMs, signal));
      case 'kill-at':
        return this.#killAt(act, signal);
      case 'delay':
        return this.#delay(act, signal);
    }
  }

  async #onAny(role: Step['role'], act: (victim: Victim) => Promise<boolean>): Promise<boolean> {
    const victim = await this.#parts.victims.anyOf(role);
    return victim !== undefined && (await act(victim));
  }

  async #killAt(
    { step, late }: Extract<Act, { kind: 'kill-at' }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { faults, victims } = this.#parts;
    const patience = patienceAt(step, signal);
    const caught = await (late ? catchDelayedCall : catchAtStep)(faults, step, patience);
    if (caught === null) return false;
    const { caller, holding } = caught;
    const victim = await victims.byCaller(step.role, caller);
    const killed = (await victim?.kill({ step: step.name, holding, late })) === true;
    // The sender is dead, so a call that was held before its effect now has none.
    await caught.release();
    return killed;
  }

  async #delay(
    { step, forMs }: Extract<Act, { kind: 'delay' }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { faults, history } = this.#parts;
    const caught = await catchAtStep(faults, step, patienceAt(step, signal));
    if (caught === null) return false;
    const { caller, holding } = caught;
    history.note({ kind: 'delayed', role: step.role, caller, step: step.name, holding, forMs });
    await delay(forMs, undefined, { signal }).catch(() => undefined);
    await caught.release();
    return true;
  }

  async #stall(victim: Victim, forMs: number, signal: AbortSignal): Promise<boolean> {
    const { role, name, pid } = victim;
    if (!sendSignal(pid, 'SIGSTOP')) return false;
    this.#parts.history.note({ kind: 'stalled', role, name, pid, forMs });
    await delay(forMs, undefined, { signal }).catch(() => undefined);
    sendSignal(pid, 'SIGCONT');
    return true;
  }
}

function patienceAt({ rare }: Step, signal: AbortSignal): AbortSignal {
  const ms = rare ? RARE_PATIENCE_MS : PATIENCE_MS;
  return AbortSignal.any([signal, AbortSignal.timeout(ms)]);
}
