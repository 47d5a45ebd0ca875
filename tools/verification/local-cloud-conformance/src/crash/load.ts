import type { Random } from '@labelfleet/testkit/random';
import type { RestartableCloud } from '@labelfleet/testkit/restartable-cloud';
import type { History } from './history.ts';

/** Clients of one kind that work until they are aborted and check all answers. */
export interface Load {
  readonly name: string;
  /** Works, even while the server is down. Rejects with a Violation. */
  run(signal: AbortSignal): Promise<void>;
  /** Checks the whole state while no client works. Rejects with a Violation. */
  check(): Promise<void>;
  /** Counts for the report. */
  figures(): Readonly<Record<string, number>>;
}

/** What a load works with. */
export interface LoadContext {
  readonly cloud: RestartableCloud;
  readonly history: History;
  readonly random: Random;
}

/** Each worker repeats its work when the server is up, until the signal aborts. */
export async function repeatAll(
  { cloud }: LoadContext,
  signal: AbortSignal,
  workers: readonly (() => Promise<void>)[],
): Promise<void> {
  const repeat = async (work: () => Promise<void>) => {
    while (!signal.aborted) {
      await cloud.whenUp();
      await work();
      await new Promise(setImmediate);
    }
  };
  await Promise.all(workers.map(repeat));
}
