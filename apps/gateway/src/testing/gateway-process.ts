import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/**
 * Starts a gateway process with its configuration in the environment. Disposing kills it.
 * @param variables its metrics are on its public port unless METRICS_PORT is set, so that several can run
 * @param openFiles its limit of open files; by default that of this process
 */
export function startProcess(variables: Readonly<Record<string, string>>, openFiles?: number) {
  const env = { METRICS_PORT: '0', ...variables };
  const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles}; `;
  const run = ['-c', `${limit}exec "$@"`, 'sh', process.execPath, MAIN];
  const child = spawn('/bin/sh', run, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exited = once(child, 'exit').then(([code]: unknown[]) => code);
  const url = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const listening = /"url":"([^"]+)"/.exec(line)?.[1];
      if (listening !== undefined) resolve(listening);
    });
    void exited.then((code) => reject(new Error(`exited with ${String(code)}: ${errors}`)));
  });
  url.catch(() => undefined); // A test that expects a failed start does not await it.
  return {
    child,
    url,
    exited,
    lines,
    errors: () => errors,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
