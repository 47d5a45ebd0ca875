import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** An app that runs from its bundle. Disposing of it stops it with SIGTERM. */
export interface AppProcess extends AsyncDisposable {
  /** Where it listens; rejects if it ends before. */
  readonly url: Promise<URL>;
  /** SIGKILL, like the loss of its host; resolves when it has ended. */
  kill(): Promise<void>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Starts a bundle with only these variables in its environment. */
export const startApp = (main: string, env: Variables): AppProcess =>
  startProcess([process.execPath, main], env);

/**
 * Starts an app by a command that becomes its process, with only these variables in its environment.
 * @param onLine called with each line of its log
 */
export function startProcess(
  command: readonly string[],
  env: Variables,
  onLine: (line: string) => void = () => undefined,
): AppProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const listening = Promise.withResolvers<URL>();
  // Every line is read, so that the app never waits for its log.
  createInterface({ input: child.stdout }).on('line', (line) => {
    onLine(line);
    const url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) listening.resolve(new URL(url));
  });
  void exited.then(() =>
    listening.reject(new Error(`${command.join(' ')} ended before it listened`)),
  );
  // An app may be stopped before anyone asks where it listens.
  listening.promise.catch(() => undefined);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    url: listening.promise,
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  };
}
