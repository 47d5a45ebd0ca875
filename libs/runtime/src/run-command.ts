import { keepLoopbackDirect } from './direct-loopback.ts';
import { EXIT, StartError } from './start-error.ts';
import { explain, isSystemError } from './system-error.ts';

/**
 * The life of a command as a process. What its user can mend is said in sentences on standard error: a
 * StartError, and what the system refuses, such as a full disk, with exit code 73. All else is a defect of the
 * command, and shown as one.
 * @param run resolves with the exit code
 */
export async function runCommand(run: () => Promise<number>): Promise<void> {
  keepLoopbackDirect(process.env);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads has seen enough, such as `head`.
    if (error.code === 'EPIPE') return;
    process.stderr.write(`Standard output cannot be written: ${explain(error)}\n`);
    process.exit(EXIT.cannotCreate);
  });
  try {
    process.exitCode = await run();
  } catch (error) {
    const failure = asFailure(error);
    process.stderr.write(`${failure.message}\n`);
    process.exitCode = failure.exitCode;
  }
}

function asFailure(error: unknown): StartError {
  if (error instanceof StartError) return error;
  if (!isSystemError(error)) throw error;
  const place = error.path === undefined ? '' : `${error.path}: `;
  return new StartError(`${place}${explain(error)}`, EXIT.cannotCreate, { cause: error });
}
