import { keepLoopbackDirect } from './direct-loopback.ts';
import { EXIT, StartError } from './start-error.ts';
import { explain, isSystemError } from './system-error.ts';

/**
 * Runs a command as a process. An error that its user can correct is printed as sentences on standard error:
 * a StartError, or an error of the system such as a full disk (exit code 73). Every other error is a defect,
 * and is thrown with its stack.
 * @param run resolves with the exit code
 */
export async function runCommand(run: () => Promise<number>): Promise<void> {
  keepLoopbackDirect(process.env);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader closed the pipe after it had read enough, as `head` does.
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
