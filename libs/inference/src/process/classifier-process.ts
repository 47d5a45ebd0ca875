import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

import { CHANNEL_FD, messageHeader, type Reply, type Setup } from './child-protocol.ts';
import type { BadImage, Classified } from '../classifier.ts';
import { judgeUsage, type ImageLimits, type Phase } from './image-limits.ts';
import { ModelError } from '../model/model-error.ts';
import { readUsage, usedBetween, type Usage } from './process-usage.ts';

/**
 * How often the resource usage is checked. Memory grows by at most 2 GB/s, so it can exceed a limit by 50 MB. A
 * check takes 0.1 ms.
 */
const USAGE_CHECK_MS = 25;

export interface ProcessConfig {
  script: string;
  setup: Setup;
  limits: ImageLimits;
}

/** The parent's handle of one classifier process. It cannot be used after the process has ended. */
export class ClassifierProcess {
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  readonly #limits: ImageLimits;
  readonly #ended = Promise.withResolvers<string>();
  readonly #exited = Promise.withResolvers<void>();
  #hasEnded = false;
  /** Rejects the call that waits for a reply of the child. */
  #fail: (error: Error) => void = () => {};
  #onReply: (reply: Reply) => void = () => {};

  private constructor({ script, limits }: ProcessConfig) {
    this.#limits = limits;
    // Descriptor 3 is CHANNEL_FD, 4 is LIFELINE_FD.
    this.#child = spawn(process.execPath, [script], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
    });
    this.#channel = this.#child.stdio[CHANNEL_FD] as Socket;
    this.#channel.on('error', (error) => this.kill(`it cannot be reached: ${error.message}`));
    let rest = '';
    this.#channel.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#onReply(JSON.parse(line) as Reply);
    });
    this.#child.on('exit', (code, signal) => {
      this.#end(`ended unexpectedly (${signal ?? `exit code ${code}`})`);
      this.#exited.resolve();
    });
    this.#child.on('error', (error) => {
      this.#end(`failed: ${error.message}`);
      // A process that failed to start emits no exit event.
      if (this.#child.pid === undefined) this.#exited.resolve();
    });
  }

  /**
   * Starts a process; resolves when its model is open. If that fails, rejects after the process has exited.
   * @param signal cancels the start; the promise rejects with its reason
   * @throws ModelError when the model cannot be used
   */
  static async start(config: ProcessConfig, signal: AbortSignal): Promise<ClassifierProcess> {
    signal.throwIfAborted();
    const started = new ClassifierProcess(config);
    const opened = Promise.withResolvers<void>();
    const unlisten = started.#listen(signal, opened.reject, (reply) => {
      if (reply.kind === 'ready') opened.resolve();
      else if (reply.kind === 'model-error') opened.reject(new ModelError(reply.message));
    });
    try {
      started.#send(Buffer.from(JSON.stringify(config.setup)), 0);
      await opened.promise;
      return started;
    } catch (error) {
      started.kill('its start failed');
      await started.exited;
      throw error;
    } finally {
      unlisten();
    }
  }

  /** Resolves with a description as soon as the process is killed or has ended. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves when the process no longer exists. */
  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  kill(reason: string): void {
    this.#end(`was killed: ${reason}`);
    this.#child.kill('SIGKILL');
  }

  /** Classifies one image. Must not be called again before the promise has settled. */
  async classify(
    image: Uint8Array,
    topK: number,
    signal: AbortSignal,
  ): Promise<Classified | BadImage> {
    signal.throwIfAborted();
    const result = Promise.withResolvers<Classified | BadImage>();
    let phase: Phase = 'decoding';
    const unlisten = this.#listen(signal, result.reject, (reply) => {
      if (reply.kind === 'decoded') phase = 'inferring';
      else if (reply.kind === 'done') result.resolve(reply.outcome);
      else if (reply.kind === 'failed') result.reject(new Error(reply.message));
    });
    // Most images are done before the first check, which costs nothing then. What an image used before it does not
    // count, and is little beside the limits.
    let first: Usage | undefined;
    const usageCheck = setInterval(() => {
      const now = this.#usage();
      first ??= now;
      const over = first && now && judgeUsage(phase, usedBetween(first, now), this.#limits);
      if (over === undefined) return;
      if (over.kind === 'bad-image') result.resolve(over);
      this.kill(over.detail);
    }, USAGE_CHECK_MS);
    try {
      this.#send(image, topK);
      return await result.promise;
    } finally {
      clearInterval(usageCheck);
      unlisten();
    }
  }

  /**
   * Listens for replies. An abort of the signal kills the process; the end of the process calls `fail`.
   * @returns a function that stops listening
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
    if (this.#hasEnded) fail(new Error('The classifier process has already ended.'));
    signal.addEventListener('abort', onAbort);
    this.#onReply = onReply;
    return () => {
      this.#fail = () => {};
      this.#onReply = () => {};
      signal.removeEventListener('abort', onAbort);
    };
  }

  #send(content: Uint8Array, number: number): void {
    this.#channel.cork();
    this.#channel.write(messageHeader(content.length, number));
    this.#channel.write(content);
    this.#channel.uncork();
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
