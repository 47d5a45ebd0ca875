import type { ModelIdentity } from '@labelfleet/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

import type {
  BadImage,
  Classified,
  Classifier,
  ClassifyOptions,
  Reservation,
} from './classifier.ts';
import { ClassifierProcess, type ProcessOptions } from './classifier-process.ts';
import { FreeList } from './free-list.ts';
import { DEFAULT_LIMITS, type ImageLimits } from './image-limits.ts';
import { readModelDir } from './model-dir.ts';
import { scriptPath } from './script-path.ts';

/** So many starts that fail in a row, of any of its processes, end the pool. */
const MOST_FAILED_STARTS = 5;
/** Before another start after the first that failed; doubled with each. */
const RESTART_DELAY_MS = 250;
/** The model's file is in the page cache by then. Without an end, a start that hangs would cost the room for good. */
const LONGEST_RESTART_MS = 120_000;

export interface ClassifierOptions {
  modelDir: string;
  /** How many images are classified at the same time, each on one thread of a process of its own. */
  threads: number;
  /** Larger images are bad images. */
  maxPixels: number;
  limits?: ImageLimits;
  /** Called with the reason when a process has ended and another takes its place. */
  onReplace?: (why: string) => void;
}

/**
 * Opens a model on a pool of processes; resolves when every process is ready to classify.
 * @throws ModelError when the model directory cannot be used
 */
export async function openClassifier(options: ClassifierOptions): Promise<Classifier> {
  const { modelDir, threads, maxPixels, limits = DEFAULT_LIMITS, onReplace } = options;
  const model = await readModelDir(modelDir);
  const { name, version, sha256 } = model.manifest;
  return ClassifierPool.open(
    { name, version, sha256 },
    {
      script: scriptPath(new URL('./classifier-child.ts', import.meta.url)),
      setup: { model, maxPixels },
      limits,
      processes: threads,
      ...(onReplace && { onReplace }),
    },
  );
}

export interface PoolOptions extends ProcessOptions {
  processes: number;
  onReplace?: (why: string) => void;
}

/**
 * Processes, because native code cannot be interrupted in a thread: a decoder that takes hours keeps a thread
 * for hours, and a thread that is terminated within onnxruntime takes the whole process with it. A process
 * is killed at any time, and costs its own image only. Each that ends is replaced at once.
 */
export class ClassifierPool implements Classifier {
  readonly model: ModelIdentity;
  readonly #options: PoolOptions;
  readonly #free = new FreeList<ClassifierProcess>();
  /** Until they have exited. */
  readonly #processes = new Set<ClassifierProcess>();
  /** Each keeps one process running. */
  readonly #keepers: Promise<void>[] = [];
  readonly #closed = new AbortController();
  readonly #broken = Promise.withResolvers<string>();
  #failedStarts = 0;

  private constructor(model: ModelIdentity, options: PoolOptions) {
    this.model = model;
    this.#options = options;
  }

  /**
   * Resolves when every process has opened its model.
   * @throws ModelError when one could not
   */
  static async open(model: ModelIdentity, options: PoolOptions): Promise<ClassifierPool> {
    const pool = new ClassifierPool(model, options);
    const { signal } = pool.#closed;
    const starts = await Promise.allSettled(
      Array.from({ length: options.processes }, () => ClassifierProcess.start(options, signal)),
    );
    for (const start of starts)
      if (start.status === 'fulfilled') pool.#keepers.push(pool.#keepOneRunning(start.value));
    const failed = starts.find(({ status }) => status === 'rejected');
    if (failed?.status !== 'rejected') return pool;
    await pool[Symbol.asyncDispose]();
    throw failed.reason;
  }

  get broken(): Promise<string> {
    return this.#broken.promise;
  }

  async reserve(signal: AbortSignal): Promise<Reservation> {
    let process = await this.#free.take(this.#orClosed(signal));
    return {
      classify: async (image, options) => {
        const end = this.#orClosed(options.signal);
        // It may have died while it was only reserved, which is not the image's fault.
        while (process.hasEnded) process = await this.#free.take(end);
        return await process.classify(image, options.topK, end);
      },
      [Symbol.dispose]: () => {
        if (!process.hasEnded) this.#free.add(process);
      },
    };
  }

  async classify(image: Uint8Array, options: ClassifyOptions): Promise<Classified | BadImage> {
    using reservation = await this.reserve(this.#orClosed(options.signal));
    return await reservation.classify(image, options);
  }

  /** Kills every process; what is under way rejects. Resolves when all have exited. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('The classifier is closed.'));
    const processes = [...this.#processes];
    for (const process of processes) process.kill('the classifier is closed');
    await Promise.all([...processes.map(({ exited }) => exited), ...this.#keepers]);
  }

  async #keepOneRunning(first: ClassifierProcess): Promise<void> {
    let process: ClassifierProcess | undefined = first;
    while (process !== undefined) {
      this.#track(process);
      this.#free.add(process);
      const how = await process.ended;
      this.#free.remove(process);
      if (this.#closed.signal.aborted) return;
      this.#options.onReplace?.(`a classifier process ${how}`);
      process = await this.#startAnother();
    }
  }

  #track(process: ClassifierProcess): void {
    this.#processes.add(process);
    void process.exited.then(() => this.#processes.delete(process));
  }

  /** Undefined: the pool is closed or broken. */
  async #startAnother(): Promise<ClassifierProcess | undefined> {
    const { signal } = this.#closed;
    while (!signal.aborted && this.#failedStarts < MOST_FAILED_STARTS) {
      try {
        const limit = AbortSignal.timeout(LONGEST_RESTART_MS);
        const started = await ClassifierProcess.start(
          this.#options,
          AbortSignal.any([signal, limit]),
        );
        this.#failedStarts = 0;
        return started;
      } catch (error) {
        if (signal.aborted) return undefined;
        await this.#startFailed(error);
      }
    }
    return undefined;
  }

  async #startFailed(error: unknown): Promise<void> {
    const failures = ++this.#failedStarts;
    const why = `a classifier process could not be started, ${failures} times in a row: ${(error as Error).message}`;
    this.#options.onReplace?.(why);
    if (failures >= MOST_FAILED_STARTS) {
      this.#free.close(new Error(why, { cause: error }));
      this.#broken.resolve(why);
      return;
    }
    await sleep(RESTART_DELAY_MS * 2 ** (failures - 1), undefined, {
      signal: this.#closed.signal,
    }).catch(() => undefined);
  }

  #orClosed(signal: AbortSignal | undefined): AbortSignal {
    const closed = this.#closed.signal;
    return signal === undefined ? closed : AbortSignal.any([signal, closed]);
  }
}
