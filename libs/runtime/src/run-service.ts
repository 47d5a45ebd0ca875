import { StartError } from './start-error.ts';

/** A running app: how it ends. */
export interface Service {
  /** Finishes what is under way and resolves when nothing is left. Called once. */
  stop(reason: string): Promise<void>;
  /** Resolves when the app has ended by itself; absent where it never does. */
  readonly ended?: Promise<void>;
}

/**
 * The life of one app as a process. SIGTERM and SIGINT stop it in good order, a second signal leaves at
 * once. Exit codes: 0 after a stop, 1 after a failure, a StartError's own where it could not start, 130 and
 * 143 (128 + signal) when a second signal cut the stop short.
 */
export async function runService(start: () => Promise<Service>): Promise<void> {
  let service: Service;
  try {
    service = await start();
  } catch (error) {
    process.stderr.write(`${error instanceof StartError ? error.message : describe(error)}\n`);
    process.exit(error instanceof StartError ? error.exitCode : 1);
  }
  const signal = new Promise<string>((resolve) => {
    let stopping = false;
    const onSignal = (name: NodeJS.Signals, number: number) => {
      if (stopping) process.exit(128 + number);
      stopping = true;
      resolve(name);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
  try {
    const ended = service.ended?.then(() => undefined);
    const reason = await (ended === undefined ? signal : Promise.race([signal, ended]));
    if (reason !== undefined) await service.stop(reason);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
