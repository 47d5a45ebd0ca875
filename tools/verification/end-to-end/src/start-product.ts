import { stackProcesses } from '@labelfleet/local-stack/processes';
import { sendSignal } from '@labelfleet/testkit/send-signal';
import { until } from '@labelfleet/testkit/until';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

const WORKSPACE = join(import.meta.dirname, '../../../..');
const READY = { timeoutMs: 80_000 };
const STOPPED = { timeoutMs: 30_000 };

const COMMANDS = {
  node: [process.execPath, ['tools/local-stack/src/main.ts']],
  npm: ['npm', ['start']],
  'npm on a terminal': [
    'script',
    ['--quiet', '--return', '--command', 'exec npm start', '/dev/null'],
  ],
} as const;

/** The product as a user or a process manager runs it, ready for images. */
export type Product = Awaited<ReturnType<typeof startProduct>>;

/**
 * Starts the product on free ports and in a temporary data folder.
 * @param command starts it by Node directly, or as `npm start`, without a terminal or on a new one
 * @param settings the product's variables, as a user would set them
 */
export async function startProduct(
  command: keyof typeof COMMANDS,
  settings: Record<string, string> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'end-to-end-'));
  const dataDir = join(folder, 'data');
  const [program, args] = COMMANDS[command];
  const child = spawn(program, args, {
    cwd: WORKSPACE,
    // A session without a terminal.
    detached: command !== 'node',
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      LOCAL_CLOUD_PORT: '0',
      LABELFLEET_DATA_DIR: dataDir,
      ...settings,
    },
    stdio: [command === 'npm on a terminal' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);

  const processes = () => stackProcesses(dataDir);
  const allEnded = () =>
    until('every process has ended', async () => (await processes()).length === 0, STOPPED);
  await using starting = new AsyncDisposableStack();
  starting.defer(() => rm(folder, { recursive: true }));
  starting.defer(async () => {
    child.kill('SIGKILL');
    for (const { pid } of await processes()) sendSignal(pid, 'SIGKILL');
    await allEnded();
  });

  const read = (file: string) => readFile(join(dataDir, file), 'utf8').catch(() => undefined);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const isOver = async () => hasEnded() || (await read('local.env')) !== undefined;
  await until('the product is ready', isOver, READY);
  const [localEnv, starter] = [await read('local.env'), await read('starter.json')];
  if (localEnv === undefined || starter === undefined)
    throw new Error(`The product ended with ${child.exitCode} before it was ready:\n${output}`);
  const variables = parseEnv(localEnv);
  const variable = (name: string): string => {
    const value = variables[name];
    if (value === undefined) throw new Error(`local.env has no ${name}`);
    return value;
  };
  const { pid } = JSON.parse(starter) as { pid: number };
  starting.defer(async () => void sendSignal(pid, 'SIGKILL'));
  const running = starting.move();
  return {
    dataDir,
    /** The process that runs the stack; npm may have started it. */
    starterPid: pid,
    /** The started command. */
    child,
    /** Resolves with the exit code, or null if a signal ended it. */
    ended,
    output: () => output,
    /** A variable of `local.env`. */
    variable,
    variables,
    /** All running processes except the starter. */
    processes,
    /** Resolves when all processes except the starter have ended. */
    allEnded,
    isRunning: async () => sendSignal(pid, 0) || (await processes()).length > 0,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
