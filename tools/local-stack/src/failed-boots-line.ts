import type { FleetSnapshot } from '@labelfleet/contracts';

export type FailedBoots = NonNullable<FleetSnapshot['failedBoots']>;

/**
 * Describes a change of the failed boots in one line: a new failure, or that boots no longer fail. Undefined if
 * nothing changed.
 */
export function failedBootsLine(
  before: FailedBoots | undefined,
  now: FailedBoots | undefined | 'unknown',
  workerLogs: string,
): string | undefined {
  if (now === 'unknown') return undefined;
  if (now === undefined) return before && 'A worker is up: boots no longer fail.';
  if (now.last === before?.last) return undefined;
  const { count, cause, message, nextLaunchAt } = now;
  const boots = count === 1 ? 'A worker failed' : `${count} workers in a row failed`;
  const reason = message.startsWith(cause) ? message : `${cause}: ${message}`;
  const next =
    nextLaunchAt === null
      ? ''
      : ` The next is launched at ${clockTime(nextLaunchAt)} at the earliest.`;
  return `${boots} before doing any work: ${reason}.${next} The workers’ logs are in ${workerLogs}.`;
}

const clockTime = (at: string) => new Date(at).toTimeString().slice(0, 8);
