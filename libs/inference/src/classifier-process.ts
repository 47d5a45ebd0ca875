import { fork, type ChildProcess } from 'node:child_process';

import type { Reply, Setup, Task } from './child-protocol.ts';
import type { BadImage, Classified } from './classifier.ts';
import { judgeUsage, type ImageLimits, type Phase } from './image-limits.ts';
import { ModelError } from './model-error.ts';
import { readUsage, usedBetween, type Usage } from './process-usage.ts';

/**
 * How often an image's use is looked at. Memory grows by some 2 GB a second at most, so a limit is passed by
 * 50 MB. A look takes 0.1 ms.
 */
const LOOK_EVERY_MS = 25;

export interface ProcessOptions {
  script: string;
  setup: Setup;
  limits: ImageLimits;
}

/** One classifier process, seen from its parent. Once it has ended it is of no more use. */
export class ClassifierProcess {
  readonly #child: ChildProcess;
  readonly #limits: ImageLimits;
  readonly #ended = Promise.withResolvers<string>();
  readonly #exited = Promise.withResolvers<void>();
  #hasEnded = false;
  /** Rejects what waits for an answer of the child. */
  #fail: (error: Error) => void = () => {};

  private constructor({ script, limits }: ProcessOptions) {
    this.#limits = limits;
    // Without the parent's own options, such as scripts to load first. Descriptor 4 is LIFELINE_FD.
    this.#child = fork(script, {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
    });
    this.#child.on('exit', (code, signal) => {
      this.#end(`ended by itself (${signal ?? `exit code ${code}`})`);
      this.#exited.resolve();
    });
    this.#child.on('error', (error) => {
      this.#end(`failed: ${error.message}`);
      // What could not be started does not exit.
      if (this.#child.pid === undefined) this.#exited.resolve();
    });
  }

  /**
   * Starts a process; resolves when its model is open. Rejects when the process has exited.
   * @param signal ends the start; the promise rejects with its reason
   * @throws ModelError when the model cannot be used
   */
  static async start(options: ProcessOptions, signal: AbortSignal): Promise<ClassifierProcess> {
    signal.throwIfAborted();
    const started = new ClassifierProcess(options);
    const opened = Promise.withResolvers<void>();
    const unlisten = started.#listen(signal, opened.reject, (reply) => {
      if (reply.kind === 'ready') opened.resolve();
      else if (reply.kind === 'model-error') opened.reject(new ModelError(reply.message));
    });
    try {
      started.#send(options.setup);
      await opened.promise;
      return started;
    } catch (error) {
      started.kill('it could not be started');
      await started.exited;
      throw error;
    } finally {
      unlisten();
    }
  }

  /** Resolves, with how, as soon as the process is killed or has died. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves when the system has no such process any more. */
  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  kill(why: string): void {
    this.#end(`was killed: ${why}`);
    this.#child.kill('SIGKILL');
  }

  /** Classifies one image; may be called again when the promise has settled. */
  async classify(
    image: Uint8Array,
    topK: number,
    signal: AbortSignal,
  ): Promise<Classified | BadImage> {
    signal.throwIfAborted();
    const answer = Promise.withResolvers<Classified | BadImage>();
    let phase: Phase = 'decoding';
    const unlisten = this.#listen(signal, answer.reject, (reply) => {
      if (reply.kind === 'decoded') phase = 'inferring';
      else if (reply.kind === 'done') answer.resolve(reply.outcome);
      else if (reply.kind === 'failed') answer.reject(new Error(reply.message));
    });
    const before = this.#usage();
    const looking = setInterval(() => {
      const now = this.#usage();
      const over = before && now && judgeUsage(phase, usedBetween(before, now), this.#limits);
      if (over === undefined) return;
      if (over.kind === 'bad-image') answer.resolve(over);
      this.kill(over.detail);
    }, LOOK_EVERY_MS);
    try {
      this.#send({ image, topK });
      return await answer.promise;
    } finally {
      clearInterval(looking);
      unlisten();
    }
  }

  /**
   * Hears replies. An abort of the signal kills the process, and its end is a failure.
   * @returns what ends that
   */
  #listen(
    signal: AbortSignal,
    fail: (error: Error) => void,
    onReply: (reply: Reply) => void,
  ): () => void {
    const onAbort = () => {
      fail(signal.reason as Error);
      this.kill(String(signal.reason));
    };
    this.#fail = fail;
    if (this.#hasEnded) fail(new Error('The classifier process has ended already.'));
    signal.addEventListener('abort', onAbort);
    this.#child.on('message', onReply);
    return () => {
      this.#fail = () => {};
      signal.removeEventListener('abort', onAbort);
      this.#child.off('message', onReply);
    };
  }

  #send(message: Setup | Task): void {
    this.#child.send(message, (error) => {
      if (error !== null) this.kill(`it cannot be reached: ${error.message}`);
    });
  }

  #usage(): Usage | undefined {
    return this.#child.pid === undefined ? undefined : readUsage(this.#child.pid);
  }

  #end(how: string): void {
    this.#hasEnded = true;
    this.#ended.resolve(how);
    this.#fail(new Error(`The classifier process ${how}`));
  }
}
