import type { LogOutput } from '@labelfleet/runtime';
import type { AwsHealth } from './aws-health.ts';
import { refuseOverloaded, type Refusal } from './problem.ts';
import type { ListenerState } from '../replies/reply-listener.ts';

export interface ReadinessParts {
  health: Pick<AwsHealth, 'check'>;
  listener: { readonly state: ListenerState };
  logOutput: Pick<LogOutput, 'lostLines' | 'trouble'>;
}

export interface Readiness {
  /** Why every POST would be refused now; empty when none is. */
  troubles: readonly string[];
  /** What is wrong, and refuses nothing. */
  warnings: readonly string[];
}

/** Whether this gateway takes work now. */
export async function findReadiness(parts: ReadinessParts): Promise<Readiness> {
  const { health, listener, logOutput } = parts;
  const troubles = await health.check();
  return {
    troubles,
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
export const refuseUnready = (troubles: readonly string[]): Refusal | undefined =>
  troubles.length === 0
    ? undefined
    : refuseOverloaded(
        `Not ready: ${troubles.join(', ')}. Nothing was accepted. Try again shortly.`,
      );
