import type { ModelDescription, ModelIdentity } from '@labelfleet/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

import type {
  BadImage,
  Classified,
  Classifier,
  ClassifyOptions,
  Priority,
  Reservation,
} from '../classifier.ts';
import { ClassifierProcess, type ProcessConfig } from './classifier-process.ts';
import { FreeList } from './free-list.ts';
import { DEFAULT_LIMITS, type ImageLimits } from './image-limits.ts';
import { describeModel } from '../model/describe-model.ts';
import { readModelDir } from '../model/model-dir.ts';
import { scriptPath } from './script-path.ts';

/** After this many consecutive failed starts, of any process, the pool is broken. */
const MAX_FAILED_STARTS = 5;
/** Delay after the first failed start; it doubles with each further one. */
const RESTART_DELAY_MS = 250;
/** Bounds a restart, so that one that hangs does not cost a slot permanently. The model file is in the page cache. */
const RESTART_TIMEOUT_MS = 120_000;

const NEVER = new AbortController().signal;

export interface ClassifierConfig {
  modelDir: string;
  /** The number of classifier processes, each of which classifies one image at a time on one thread. */
  threads: number;
  /** An image with more pixels is a bad image. */
  maxPixels: number;
  limits?: ImageLimits;
  /** Called with the reason when a process has ended and is replaced, or when a replacement fails to start. */
  onReplace?: (reason: string) => void;
}

/**
 * Opens a model in a pool of processes; resolves when every process is ready to classify.
 * @throws ModelError when the model directory cannot be used
 */
export async function openClassifier(options: ClassifierConfig): Promise<Classifier> {
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

export interface PoolConfig extends ProcessConfig {
  processes: number;
  onReplace?: (reason: string) => void;
}

/**
 * A pool of classifier processes. It uses processes because native code in a thread cannot be interrupted: a slow
 * decoder blocks its thread, and terminating a thread within onnxruntime ends the whole process. A process can be
 * killed at any time and costs only its own image. The pool replaces a process that ends.
 */
export class ClassifierPool implements Classifier {
  readonly model: ModelIdentity;
  readonly description: ModelDescription;
  readonly #config: PoolConfig;
  readonly #free = new FreeList<ClassifierProcess>();
  /** All processes that have not exited. */
  readonly #processes = new Set<ClassifierProcess>();
  /** Each supervisor keeps one process running. */
  readonly #supervisors: Promise<void>[] = [];
  readonly #closed = new AbortController();
  readonly #broken = Promise.withResolvers<string>();
  #failedStarts = 0;

  private constructor(model: ModelIdentity, config: PoolConfig) {
    this.model = model;
    this.description = describeModel(config.setup.model);
    this.#config = config;
  }

  /**
   * Resolves when every process has opened its model.
   * @throws ModelError when a process cannot open it
   */
  static async open(model: ModelIdentity, config: PoolConfig): Promise<ClassifierPool> {
    const pool = new ClassifierPool(model, config);
    const { signal } = pool.#closed;
    const starts = await Promise.allSettled(
      Array.from({ length: config.processes }, () => ClassifierProcess.start(config, signal)),
    );
    for (const start of starts)
      if (start.status === 'fulfilled') pool.#supervisors.push(pool.#supervise(start.value));
    const failed = starts.find(({ status }) => status === 'rejected');
    if (failed?.status !== 'rejected') return pool;
    await pool[Symbol.asyncDispose]();
    throw failed.reason;
  }

  get broken(): Promise<string> {
    return this.#broken.promise;
  }

  get waiting(): number {
    return this.#free.waiting;
  }

  async reserve(signal: AbortSignal, priority?: Priority): Promise<Reservation> {
    let process = await this.#free.take(signal, priority);
    return {
      classify: async (image, options) => {
        const end = options.signal ?? NEVER;
        // If the reserved process has ended in the meantime, take another: the image did not cause it.
        while (process.hasEnded) process = await this.#free.take(end, priority);
        return await process.classify(image, options.topK, end);
      },
      [Symbol.dispose]: () => {
        if (!process.hasEnded) this.#free.add(process);
      },
    };
  }

  async classify(image: Uint8Array, options: ClassifyOptions): Promise<Classified | BadImage> {
    using reservation = await this.reserve(options.signal ?? NEVER);
    return await reservation.classify(image, options);
  }

  /** Kills every process; calls in progress reject. Resolves when all processes have exited. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Error('The classifier is closed.');
    this.#closed.abort(closed);
    this.#free.close(closed);
    const processes = [...this.#processes];
    for (const process of processes) process.kill('the classifier is closed');
    await Promise.all([...processes.map(({ exited }) => exited), ...this.#supervisors]);
  }

  async #supervise(first: ClassifierProcess): Promise<void> {
    let process: ClassifierProcess | undefined = first;
    while (process !== undefined) {
      this.#track(process);
      this.#free.add(process);
      const how = await process.ended;
      this.#free.remove(process);
      if (this.#closed.signal.aborted) return;
      this.#config.onReplace?.(`a classifier process ${how}`);
      process = await this.#startReplacement();
    }
  }

  #track(process: ClassifierProcess): void {
    this.#processes.add(process);
    void process.exited.then(() => this.#processes.delete(process));
  }

  /** Resolves with undefined if the pool is closed or broken. */
  async #startReplacement(): Promise<ClassifierProcess | undefined> {
    const { signal } = this.#closed;
    while (!signal.aborted && this.#failedStarts < MAX_FAILED_STARTS) {
      try {
        const limit = AbortSignal.timeout(RESTART_TIMEOUT_MS);
        const started = await ClassifierProcess.start(
          this.#config,
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
    const reason = `a classifier process could not be started, ${failures} times in a row: ${(error as Error).message}`;
    this.#config.onReplace?.(reason);
    if (failures >= MAX_FAILED_STARTS) {
      this.#free.close(new Error(reason, { cause: error }));
      this.#broken.resolve(reason);
      return;
    }
    await sleep(RESTART_DELAY_MS * 2 ** (failures - 1), undefined, {
      signal: this.#closed.signal,
    }).catch(() => undefined);
  }
}
