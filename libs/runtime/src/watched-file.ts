import { readFile } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import { explain } from './system-error.ts';

const CHECK_EVERY_MS = 1_000;

interface WatchedFileOptions<T> {
  path: string;
  /** Throws an error that says what is wrong with the text. */
  parse: (text: string) => T;
  /** Called when the file has changed and is in use. */
  onReload: (value: T) => void;
  /** Called once for each faulty version of the file. */
  onFault: (fault: string) => void;
}

/**
 * The value of a file that may change. The file is read every second, because a watch misses changes on network file
 * systems and behind symbolic links. While it is faulty, its last good value stays in use.
 */
export class WatchedFile<T> {
  readonly #options: WatchedFileOptions<T>;
  #seen: string;
  #value: T;
  #fault: string | undefined;

  private constructor(options: WatchedFileOptions<T>, seen: string, value: T) {
    this.#options = options;
    this.#seen = seen;
    this.#value = value;
  }

  /** @throws Error if the file cannot be read or is faulty */
  static async open<T>(options: WatchedFileOptions<T>): Promise<WatchedFile<T>> {
    const text = await readFile(options.path, 'utf8');
    return new WatchedFile(options, text, options.parse(text));
  }

  get value(): T {
    return this.#value;
  }

  /** Why the file as it is now cannot be used; undefined if it can. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Reads the file every second until the signal is aborted. */
  async run(clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(CHECK_EVERY_MS, signal);
      await this.reload();
    }
  }

  async reload(): Promise<void> {
    const { path, parse, onReload, onFault } = this.#options;
    try {
      const text = await readFile(path, 'utf8');
      const value = text === this.#seen ? this.#value : parse(text);
      this.#fault = undefined;
      if (text === this.#seen) return;
      this.#seen = text;
      this.#value = value;
      onReload(value);
    } catch (error) {
      const fault = explain(error);
      if (fault === this.#fault) return;
      this.#fault = fault;
      onFault(fault);
    }
  }
}
