import { sleep } from '@labelfleet/runtime';
import type { FaultsClient } from '@labelfleet/testkit/faults-client';
import type { Random } from '@labelfleet/testkit/random';
import { ANYWHERE } from '../history/event.ts';
import { catchAtStep } from '../nemesis/catch-at-step.ts';
import type { Victims } from '../nemesis/victims.ts';
import type { Step } from '../plan/steps.ts';
import type { ManagedProcess } from '../stack/managed-process.ts';

export interface KillDeps {
  faults: FaultsClient;
  victims: Victims;
  cloud: ManagedProcess;
  random: Random;
  /** By the name of the step; `local-cloud` and `scaler` too. */
  kills: Map<string, number>;
}

const PATIENCE_MS = { frequent: 15_000, rare: 60_000 };
/** A new worker boots, classifies and reports it: otherwise its boot has failed, and launches slow down. */
const CALM_MS = 6_000;
const SCALER_EVERY_MS = 12_000;
const CLOUD_EVERY_MS = 25_000;
const MAX_DOWN_MS = 1_500;

/** Kills the process that reaches this step first. @returns false if none did in time */
export async function killAt(
  step: Step,
  { faults, victims, kills }: KillDeps,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS.rare,
): Promise<boolean> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const caught = await catchAtStep(faults, step, false, patience);
  if (caught === null) return false;
  const victim = await victims.byCaller(step.role, caught.caller);
  const killed = await victim?.kill({ step: step.name, holding: [], late: false });
  // The caller is dead: a call that was held before its effect has none.
  await caught.release();
  if (killed !== true) return false;
  kills.set(step.name, (kills.get(step.name) ?? 0) + 1);
  return true;
}

/** Kills at one step after the other, those that were hit least first, until the signal aborts. */
export async function killAtSteps(
  steps: readonly Step[],
  deps: KillDeps,
  signal: AbortSignal,
): Promise<void> {
  const tried = new Map<string, number>();
  while (!signal.aborted) {
    const weight = ({ name }: Step) => 4 * (deps.kills.get(name) ?? 0) + (tried.get(name) ?? 0);
    const [step] = [...steps].sort((a, b) => weight(a) - weight(b));
    if (step === undefined) return;
    tried.set(step.name, (tried.get(step.name) ?? 0) + 1);
    await killAt(step, deps, signal, PATIENCE_MS.frequent);
    await sleep(CALM_MS, signal);
  }
}

/** Kills a scaler now and then. */
export async function killScalers(
  { victims, random, kills }: KillDeps,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(SCALER_EVERY_MS / 2 + random.below(SCALER_EVERY_MS), signal);
    if (signal.aborted) return;
    const victim = await victims.anyOf('scaler');
    if ((await victim?.kill(ANYWHERE)) === true)
      kills.set('scaler', (kills.get('scaler') ?? 0) + 1);
  }
}

/** Kills the local cloud now and then, and starts it again on its data. */
export async function killCloud(
  { cloud, random, kills }: KillDeps,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(CLOUD_EVERY_MS / 2 + random.below(CLOUD_EVERY_MS), signal);
    if (signal.aborted) return;
    await cloud.kill(ANYWHERE);
    kills.set('local-cloud', (kills.get('local-cloud') ?? 0) + 1);
    await sleep(random.below(MAX_DOWN_MS));
    await cloud.start();
  }
}
