import type { KeyFile } from '../auth/key-file.ts';
import type { LogOutput } from '@labelfleet/runtime';
import type { AwsHealth } from './aws-health.ts';
import { refuseOverloaded, type Refusal } from './problem.ts';
import type { ListenerState } from '../replies/reply-listener.ts';

export interface ReadinessDeps {
  health: Pick<AwsHealth, 'check'>;
  listener: { readonly state: ListenerState };
  logOutput: Pick<LogOutput, 'lostLines' | 'trouble'>;
  /** Undefined if this gateway sends no webhooks. */
  receivers: { readonly fault: string | undefined } | undefined;
  keys: Pick<KeyFile, 'warning'> | undefined;
}

export interface Readiness {
  /** Dependencies that cannot be reached. If there are any, every POST is refused. */
  outages: readonly string[];
  /** Faults for which no request is refused. */
  warnings: readonly string[];
}

export async function findReadiness(deps: ReadinessDeps): Promise<Readiness> {
  const { health, listener, logOutput, receivers, keys } = deps;
  const outages = await health.check();
  return {
    outages,
    warnings: [
      ...(listener.state === 'listening'
        ? []
        : [
            `The reply listener is ${listener.state}: results are read from the store, which takes longer.`,
          ]),
      ...(receivers?.fault === undefined
        ? []
        : [`WEBHOOKS_FILE cannot be used, so the receivers stay as they were: ${receivers.fault}`]),
      ...(keys?.warning === undefined ? [] : [keys.warning]),
      ...(logOutput.trouble === undefined
        ? []
        : [`The log cannot be written (${logOutput.trouble}). Check whether the disk is full.`]),
      ...(logOutput.lostLines === 0 ? [] : [`${logOutput.lostLines} log lines were lost.`]),
    ],
  };
}

/** Refuses every POST while one of its dependencies cannot be reached. */
export const refuseUnready = (outages: readonly string[]): Refusal | undefined =>
  outages.length === 0
    ? undefined
    : refuseOverloaded(
        `Not ready: ${outages.join(', ')}. The request was not accepted. Try again shortly.`,
      );
