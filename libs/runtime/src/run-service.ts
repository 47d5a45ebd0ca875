import { StartError } from './start-error.ts';

/** A running app: how it ends. */
export interface Service {
  /** Finishes what is under way and resolves when nothing is left. Called once. */
  stop(reason: string): Promise<void>;
  /** Resolves when the app has ended by itself, with its exit code where that is not 0; absent where it never does. */
  readonly ended?: Promise<number | void>;
}

/**
 * The life of one app as a process. SIGTERM and SIGINT stop it in good order, a second signal leaves at
 * once. Exit codes: 0 after a stop, or the service's own, 1 after a failure, a StartError's own where it could not start, 130 and
 * 143 (128 + signal) when a second signal cut the stop short.
 */
export async function runService(start: () => Promise<Service>): Promise<void> {
  surviveLostOutput();
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
    const end = await Promise.race([
      signal,
      ...(service.ended === undefined ? [] : [service.ended]),
    ]);
    if (typeof end === 'string') await service.stop(end);
    process.exit(typeof end === 'number' ? end : 0);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  }
}

/**
 * A stream whose reader is gone or whose disk is full emits an error, which ends a process that does not
 * listen for it. There is no place left to report it to.
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
