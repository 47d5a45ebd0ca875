import { readFile } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import { explain } from './system-error.ts';

/** A file, wherever it is. */
export interface FileSource {
  /** A path or an address, for people. */
  name: string;
  /** Resolves with its text; undefined: there is no such file, and there may be one later. */
  read: () => Promise<string | undefined>;
  checkEveryMs: number;
}

/** A file of this machine, which must exist. */
export const localFile = (path: string): FileSource => ({
  name: path,
  read: () => readFile(path, 'utf8'),
  checkEveryMs: 1_000,
});

interface WatchedFileOptions<T> {
  file: FileSource;
  /** Throws an error that says what is wrong with the text. It is undefined until there is such a file. */
  parse: (text: string | undefined) => T;
  /** Called when the file has changed and is in use. */
  onReload: (value: T) => void;
  /** Called once for each faulty version of the file. */
  onFault: (fault: string) => void;
}

/**
 * The value of a file that may change. The file is read again and again, because a watch misses changes on network
 * file systems and behind symbolic links. While it is faulty or gone, its last good value stays in use.
 */
export class WatchedFile<T> {
  readonly #options: WatchedFileOptions<T>;
  #seen: string | undefined;
  #value: T;
  #fault: string | undefined;

  private constructor(options: WatchedFileOptions<T>, seen: string | undefined, value: T) {
    this.#options = options;
    this.#seen = seen;
    this.#value = value;
  }

  /** @throws Error if the file cannot be read or is faulty */
  static async open<T>(options: WatchedFileOptions<T>): Promise<WatchedFile<T>> {
    const text = await options.file.read();
    return new WatchedFile(options, text, options.parse(text));
  }

  get value(): T {
    return this.#value;
  }

  /** Why the file as it is now cannot be used; undefined if it can. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Reads the file every `checkEveryMs` until the signal is aborted. */
  async run(clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(this.#options.file.checkEveryMs, signal);
      await this.reload();
    }
  }

  async reload(): Promise<void> {
    const { file, parse, onReload, onFault } = this.#options;
    try {
      const text = await file.read();
      if (text === undefined && this.#seen !== undefined) throw new Error('It was deleted.');
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
