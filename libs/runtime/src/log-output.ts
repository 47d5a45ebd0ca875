/** Bytes kept for a slow reader of a pipe. Lines beyond them are lost. */
const MAX_WAITING_BYTES = 1_048_576;
const RETRY_MS = 250;

/** The destination of the log lines of a process. A write never throws and never waits. */
export interface LogOutput {
  write(line: string): void;
  /** Lines that could not be written since the process started. */
  readonly lostLines: number;
  /** The error code of the last write if it failed, such as `ENOSPC`. */
  readonly trouble: string | undefined;
}

interface Item {
  bytes: Uint8Array;
  /** True once a part of it is written. */
  begun: boolean;
  /** The number of lost lines that it reports; 0 for a log line. */
  reports: number;
}

/**
 * Writes log lines to a file, pipe or terminal. A line that cannot be written (full disk, pipe without a
 * reader) is dropped and counted, and the next successful write reports how many were lost. Lines that a slow
 * reader of a pipe does not take yet are kept and written later.
 */
export class LineOutput implements LogOutput {
  readonly #writeBytes: (bytes: Uint8Array) => number;
  readonly #reportLoss: (lines: number) => string;
  #waiting: Item[] = [];
  #waitingBytes = 0;
  /** True if only a part of the last line was written: a newline must come before the next one. */
  #lineIsOpen = false;
  #lostLines = 0;
  #unreported = 0;
  #trouble: string | undefined;
  #retry: NodeJS.Timeout | undefined;

  /**
   * @param writeBytes like `fs.writeSync`: returns how many bytes were written, throws if none could be
   * @param reportLoss makes the log line that says how many lines were lost
   */
  constructor(writeBytes: (bytes: Uint8Array) => number, reportLoss: (lines: number) => string) {
    this.#writeBytes = writeBytes;
    this.#reportLoss = reportLoss;
  }

  get lostLines(): number {
    return this.#lostLines;
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) this.#lose(1);
    else {
      this.#waiting.push({ bytes, begun: false, reports: 0 });
      this.#waitingBytes += bytes.length;
    }
    this.flush();
  }

  /** Writes waiting lines until one cannot be written. */
  flush(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    try {
      if (this.#unreported > 0) this.#putReportFirst();
      for (let item = this.#waiting[0]; item !== undefined; item = this.#waiting[0]) {
        this.#put(item);
        this.#waiting.shift();
      }
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = codeOf(error);
      if (this.#trouble !== 'EAGAIN') this.#dropAll();
      // The timer is unref'd, since a log must not keep a process running.
      this.#retry = setTimeout(() => this.flush(), RETRY_MS).unref();
    }
  }

  #put(item: Item): void {
    if (this.#lineIsOpen) {
      this.#writeBytes(Buffer.from('\n'));
      this.#lineIsOpen = false;
    }
    while (item.bytes.length > 0) {
      const taken = this.#writeBytes(item.bytes);
      this.#waitingBytes -= taken;
      item.bytes = item.bytes.subarray(taken);
      item.begun = true;
    }
  }

  /** Inserts the report before the waiting lines, but never into a line that is half written. */
  #putReportFirst(): void {
    const bytes = Buffer.from(this.#reportLoss(this.#unreported));
    const report = { bytes, begun: false, reports: this.#unreported };
    this.#waiting.splice(this.#waiting[0]?.begun === true ? 1 : 0, 0, report);
    this.#waitingBytes += bytes.length;
    this.#unreported = 0;
  }

  #dropAll(): void {
    this.#lineIsOpen ||= this.#waiting[0]?.begun === true;
    for (const { reports } of this.#waiting) {
      if (reports === 0) this.#lose(1);
      else this.#unreported += reports;
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #lose(lines: number): void {
    this.#lostLines += lines;
    this.#unreported += lines;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);
