import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const started = z.object({ event: z.literal('app.started'), url: z.url() });
const health = z.object({ role: z.string() });

export interface ScalerProcess extends AsyncDisposable {
  role(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** The log lines so far. */
  lines(): readonly unknown[];
}

/** Starts a scaler in a separate process, with only these variables; resolves when it listens. */
export async function startScalerProcess(
  variables: Readonly<Record<string, string>>,
): Promise<ScalerProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: unknown[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the scaler ended with ${code}`)));
    createInterface(child.stdout).on('line', (line) => {
      const said: unknown = JSON.parse(line);
      lines.push(said);
      const parsed = started.safeParse(said);
      if (parsed.success) resolve(parsed.data.url);
    });
  });
  return {
    async role() {
      const response = await fetch(`${url}/healthz`);
      return health.parse(await response.json()).role;
    },
    signal: (name) => void child.kill(name),
    lines: () => lines,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
