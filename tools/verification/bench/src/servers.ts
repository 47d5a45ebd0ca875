import { startStack } from '@labelfleet/end-to-end/stack-under-test';
import { freePort } from '@labelfleet/testkit/free-port';
import { seededRandom } from '@labelfleet/testkit/random';
import { until } from '@labelfleet/testkit/until';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Peer } from './options.ts';
import { ownDescendants } from './processes.ts';

const READY = { timeoutMs: 60_000 };

interface Setup {
  workers: number;
  modelDir: string;
}

/** Starts the product as `npm start` does, with a fixed number of workers, each with one inference thread. */
export async function startProduct({ workers, modelDir }: Setup) {
  const stack = await startStack({
    MIN_WORKERS: String(workers),
    MAX_WORKERS: String(workers),
    INFERENCE_THREADS: '1',
    IDLE_BEFORE_RELEASE_SECONDS: '600',
    MODEL_DIR: modelDir,
  });
  try {
    await until(
      `${workers} workers run`,
      async () => (await countClassifiers()) === workers,
      READY,
    );
    return stack;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

const countClassifiers = async () =>
  (await ownDescendants()).filter(({ role }) => role === 'classifier').length;

/** Starts another system by its command; resolves when its port answers. */
export async function startPeer({ name, command }: Peer, { workers, modelDir }: Setup) {
  const port = await freePort(seededRandom(process.pid));
  const url = new URL(`http://127.0.0.1:${port}/`);
  const child = spawn('sh', ['-c', command], {
    // Standard output is the table's.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PORT: `${port}`, WORKERS: `${workers}`, MODEL_DIR: modelDir },
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    const left = await ownDescendants();
    child.kill('SIGTERM');
    await exited;
    for (const { pid } of left) if (isRunning(pid)) process.kill(pid, 'SIGTERM');
  };
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  try {
    await until(`${name} answers on ${url.href}`, answers, READY);
    return { url, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
