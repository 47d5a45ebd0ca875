import type { ModelIdentity } from '@labelfleet/contracts';
import { fileURLToPath } from 'node:url';
import { isMarkedAsUntransferable } from 'node:worker_threads';
import workerpool, { type Pool } from 'workerpool';

import type { BadImage, Classified, Classifier } from './classifier.ts';
import type { ThreadData, ThreadMethods } from './classifier-thread.ts';
import { Gate } from './gate.ts';
import { readModelDir } from './model-dir.ts';
import { ModelError } from './model-error.ts';
import { turnOffRuntimeTelemetry } from './runtime-telemetry.ts';

/** Beside this file from source, beside main.js in a bundle. */
const THREAD_SCRIPT = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? './classifier-thread.ts' : './classifier-thread.js',
    import.meta.url,
  ),
);

/** The longest that a timer can be set to. */
const NEVER_MS = 2 ** 31 - 1;

export interface ClassifierOptions {
  modelDir: string;
  /** How many pictures are classified at the same time, each on a thread and a core of its own. */
  threads: number;
  /** Larger pictures are bad images. */
  maxPixels: number;
}

/**
 * Opens a model on a pool of threads; resolves when every thread is ready to classify.
 * @throws ModelError when the model directory cannot be used
 */
export async function openClassifier(options: ClassifierOptions): Promise<Classifier> {
  const { modelDir, threads, maxPixels } = options;
  const model = await readModelDir(modelDir);
  const { name, version, sha256 } = model.manifest;
  const data: ThreadData = { model, maxPixels };
  turnOffRuntimeTelemetry();
  const pool = new ClassifierPool(
    { name, version, sha256 },
    { script: THREAD_SCRIPT, threads, data },
  );
  try {
    await pool.opened();
    return pool;
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw error;
  }
}

/** What the threads run. Tests give a script of their own. */
export interface Threads {
  script: string;
  threads: number;
  data: ThreadData | undefined;
}

/**
 * Native code cannot be interrupted, and worse: a thread that is terminated within a run of onnxruntime takes
 * the whole process with it (its binding throws into a dying thread; SIGABRT). So a thread is never
 * terminated: one that is given up is asked to leave, which it does when its run has ended. The pool does not
 * wait for that. The gate admits as many pictures as there are threads, and the pool of threads itself has no
 * upper bound, so a picture that finds only leaving threads gets a new one.
 */
export class ClassifierPool implements Classifier {
  readonly model: ModelIdentity;
  readonly #pool: Pool;
  readonly #gate: Gate;
  readonly #threads: number;
  readonly #closed = new AbortController();

  constructor(model: ModelIdentity, { script, threads, data }: Threads) {
    this.model = model;
    this.#threads = threads;
    this.#gate = new Gate(threads);
    this.#pool = workerpool.pool(script, {
      workerType: 'thread',
      minWorkers: threads,
      maxWorkers: Number.MAX_SAFE_INTEGER,
      workerTerminateTimeout: NEVER_MS,
      workerThreadOpts: { workerData: data },
    });
  }

  /**
   * Resolves when every thread has opened its model.
   * @throws ModelError when one could not
   */
  async opened(): Promise<void> {
    // A thread that has a task gets no other: so many tasks at once reach every thread.
    const answers = await Promise.all(
      Array.from({ length: this.#threads }, () =>
        this.#run(() => this.#pool.exec<ThreadMethods['opened']>('opened')),
      ),
    );
    const fault = answers.find((answer) => answer.kind === 'model-error');
    if (fault !== undefined) throw new ModelError(fault.message);
  }

  async classify(
    image: Uint8Array,
    { topK, signal }: { topK: number; signal?: AbortSignal },
  ): Promise<Classified | BadImage> {
    const bytes = ownBuffer(image);
    const options = { transfer: [bytes.buffer] };
    const start = () =>
      this.#pool.exec<ThreadMethods['classify']>('classify', [bytes, topK], options);
    return await this.#run(start, signal);
  }

  /** Ends every thread; what is under way rejects. Resolves when the last run has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('The classifier is closed.'));
    await this.#pool.terminate(true);
  }

  /** Starts a task when there is a place for it, and kills its thread when the signal says so. */
  async #run<T>(start: () => Task<T>, signal?: AbortSignal): Promise<T> {
    const closed = this.#closed.signal;
    const end = signal === undefined ? closed : AbortSignal.any([signal, closed]);
    const leave = await this.#gate.enter(end);
    try {
      end.throwIfAborted();
      return await untilAborted(start(), end);
    } finally {
      leave();
    }
  }
}

/** What is used of workerpool's own promises. */
interface Task<T> {
  then(fulfilled: (value: T | PromiseLike<T>) => void, rejected: (error: Error) => void): unknown;
  /** Rejects the task; where it has started, its thread is killed. */
  cancel(): unknown;
}

function untilAborted<T>(task: Task<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const kill = () => {
      reject(signal.reason as Error);
      task.cancel();
    };
    signal.addEventListener('abort', kill, { once: true });
    const settled = () => signal.removeEventListener('abort', kill);
    task.then(settled, settled);
    task.then(resolve, reject);
  });
}

/** The bytes in a buffer that can be handed over: their own, unless it holds more or belongs to native code. */
function ownBuffer(image: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = image;
  const transferable =
    buffer instanceof ArrayBuffer &&
    buffer.byteLength === image.byteLength &&
    !isMarkedAsUntransferable(buffer);
  return transferable ? new Uint8Array(buffer) : new Uint8Array(image);
}
