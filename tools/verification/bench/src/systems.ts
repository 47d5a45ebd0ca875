import { startStack } from '@labelfleet/end-to-end/stack-under-test';
import { freePort } from '@labelfleet/testkit/free-port';
import { seededRandom } from '@labelfleet/testkit/random';
import { until } from '@labelfleet/testkit/until';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startLoad, type Answer, type OnAnswer, type Running } from './load.ts';
import { ownDescendants } from './processes.ts';
import type { Workload } from './workloads.ts';

const READY = { timeoutMs: 60_000 };
const BARE = join(import.meta.dirname, 'bare-classifier.ts');

/** A system that is ready for images. */
export interface System extends AsyncDisposable {
  /** Begins to classify all the time. A client has one image in flight. */
  start(clients: number, onAnswer: OnAnswer): Promise<Running>;
  /** The address of its local cloud, if it is the product. */
  cloud?: string | undefined;
}

export type OpenSystem = (workload: Workload, workers: number) => Promise<System>;

/**
 * Reads, decodes and classifies without HTTP, AWS and other processes: the part of the product's work that it cannot do
 * without. Like a worker's classifiers, it has one process with one thread for each worker; for one client it has one.
 */
export const openBareLoop: OpenSystem = async ({ files, modelDir }, workers) => ({
  async start(clients, onAnswer) {
    const count = Math.min(clients, workers);
    const children = Array.from({ length: count }, (_, index) => {
      const first = Math.floor((index * files.length) / count);
      return fork(BARE, [modelDir, ...files.slice(first), ...files.slice(0, first)]);
    });
    const ended = children.map((child) => once(child, 'exit'));
    for (const child of children) child.on('message', (answer: Answer) => onAnswer(answer));
    return {
      ended: Promise.race(ended).then(() => {
        throw new Error('A process of the bare loop has ended.');
      }),
      async stop() {
        for (const child of children) child.kill();
        await Promise.all(ended);
      },
    };
  },
  async [Symbol.asyncDispose]() {},
});

/** Starts the product as `npm start` does, with a fixed number of workers, each with one inference thread. */
export const openProduct: OpenSystem = async ({ files, modelDir }, workers) => {
  await using started = new AsyncDisposableStack();
  const stack = await startStack({
    MIN_WORKERS: String(workers),
    MAX_WORKERS: String(workers),
    INFERENCE_THREADS: '1',
    IDLE_BEFORE_RELEASE_SECONDS: '600',
    MODEL_DIR: modelDir,
  });
  started.use(stack);
  await until(`${workers} workers run`, async () => (await countClassifiers()) === workers, READY);
  return {
    start: (clients, onAnswer) => startLoad(stack.url, files, clients, onAnswer),
    cloud: stack.variables['AWS_ENDPOINT_URL'],
    ...disposable(started.move()),
  };
};

const disposable = (started: AsyncDisposableStack) => ({
  [Symbol.asyncDispose]: () => started.disposeAsync(),
});

const countClassifiers = async () =>
  (await ownDescendants()).filter(({ role }) => role === 'classifier').length;

/** Starts another system by a command of the shell; it is ready when its port answers. */
export const openPeer =
  (command: string): OpenSystem =>
  async ({ files, modelDir }, workers) => {
    const url = new URL(`http://127.0.0.1:${await freePort(seededRandom(process.pid))}/`);
    await using started = new AsyncDisposableStack();
    const child = spawn('sh', ['-c', command], {
      stdio: ['ignore', 'ignore', 'inherit'],
      // A process group, so that all of its processes can be ended.
      detached: true,
      env: { ...process.env, PORT: url.port, WORKERS: `${workers}`, MODEL_DIR: modelDir },
    });
    const exited = once(child, 'exit');
    started.defer(async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await exited;
    });
    const isReady = () => fetch(url).then(Boolean, () => false);
    await until(`${command} answers on ${url.href}`, isReady, READY);
    return {
      start: (clients, onAnswer) => startLoad(url, files, clients, onAnswer),
      ...disposable(started.move()),
    };
  };
