import { stackProcesses } from '@labelfleet/local-stack/processes';
import { until } from '@labelfleet/testkit/until';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

const WORKSPACE = join(import.meta.dirname, '../../../..');
const READY = { timeoutMs: 80_000 };

/** `npm start` as a user or a process manager runs it, ready for images. */
export type NpmStart = Awaited<ReturnType<typeof npmStart>>;

/**
 * @param terminal runs it on a terminal of its own; else it has none, and its input is empty
 * @param settings the product's own variables, as a user would set them
 */
export async function npmStart(terminal: boolean, settings: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'npm-start-'));
  const dataDir = join(folder, 'data');
  const [program, args] = terminal
    ? ['script', ['--quiet', '--return', '--command', 'exec npm start', '/dev/null']]
    : ['npm', ['start']];
  const child = spawn(program, args, {
    cwd: WORKSPACE,
    // A session of its own: no terminal.
    detached: true,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      LOCAL_CLOUD_PORT: '0',
      LABELFLEET_DATA_DIR: dataDir,
      ...settings,
    },
    stdio: [terminal ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  const readLocalEnv = () => readFile(join(dataDir, 'local.env'), 'utf8').catch(() => undefined);
  await until('npm start is ready', async () => (await readLocalEnv()) !== undefined, READY);
  const url = parseEnv((await readLocalEnv()) ?? '')['GATEWAY_URL'] ?? '';
  const { pid } = JSON.parse(await readFile(join(dataDir, 'starter.json'), 'utf8')) as {
    pid: number;
  };
  return {
    url,
    dataDir,
    /** The one that runs the stack, which npm has started. */
    starterPid: pid,
    /** Npm, or the terminal that it runs on. */
    child,
    ended,
    output: () => output,
    /** Whatever runs of it, the starter included. */
    async running(): Promise<number[]> {
      const apps = (await stackProcesses(dataDir)).map((app) => app.pid);
      return isRunning(pid) ? [...apps, pid] : apps;
    },
    async [Symbol.asyncDispose]() {
      const left = [...(await stackProcesses(dataDir)).map((app) => app.pid), pid, child.pid];
      for (const one of left) if (one !== undefined && isRunning(one)) process.kill(one, 'SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
