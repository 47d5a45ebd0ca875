import type { LogOutput } from '@labelfleet/runtime';
import type { AwsHealth } from './aws-health.ts';
import { refuseOverloaded, type Refusal } from './problem.ts';
import type { ListenerState } from '../replies/reply-listener.ts';

export interface ReadinessDeps {
  health: Pick<AwsHealth, 'check'>;
  listener: { readonly state: ListenerState };
  logOutput: Pick<LogOutput, 'lostLines' | 'trouble'>;
}

export interface Readiness {
  /** Why every POST would be refused now; empty when none is. */
  outages: readonly string[];
  /** What is wrong, and refuses nothing. */
  warnings: readonly string[];
}

/** Whether this gateway takes work now. */
export async function findReadiness(deps: ReadinessDeps): Promise<Readiness> {
  const { health, listener, logOutput } = deps;
  const outages = await health.check();
  return {
    outages,
    warnings: [
      ...(listener.state === 'listening'
        ? []
        : [`The reply listener is ${listener.state}: results are found in the store, later.`]),
      ...(logOutput.trouble === undefined
        ? []
        : [`The log cannot be written (${logOutput.trouble}): is the disk full?`]),
      ...(logOutput.lostLines === 0 ? [] : [`${logOutput.lostLines} log lines were lost.`]),
    ],
  };
}

/** The refusal of every POST while something that it needs is known to be out of reach. */
export const refuseUnready = (outages: readonly string[]): Refusal | undefined =>
  outages.length === 0
    ? undefined
    : refuseOverloaded(
        `Not ready: ${outages.join(', ')}. Nothing was accepted. Try again shortly.`,
      );
