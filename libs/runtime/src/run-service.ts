import { StartError } from './start-error.ts';

/** A running app, and how it ends. */
export interface Service {
  /** Finishes the work in flight and resolves when none is left. Called once. */
  stop(reason: string): Promise<void>;
  /** Resolves with an exit code (0 if absent) when the app ends without `stop`. Absent for an app that never does. */
  readonly ended?: Promise<number | void>;
}

/**
 * Runs an app as a process. SIGTERM or SIGINT stops it, a second signal exits at once. Exit codes: 0 after a
 * stop, that of the service if it ended without one, 1 after a failure, that of a StartError if it could not
 * start, and 130 or 143 (128 + signal) after a second signal.
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
 * listen for it. The error is ignored, since there is nowhere left to report it.
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
