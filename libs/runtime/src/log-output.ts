/** Bytes kept for a slow reader of a pipe. Lines beyond them are lost. */
const MAX_WAITING_BYTES = 1_048_576;
const RETRY_MS = 250;
/** Waiting lines are written at once when they have this many bytes. */
const ENOUGH_BYTES = 16_384;

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
 * Writes log lines to a file, pipe or terminal, several in one call. A line that cannot be written (full disk, pipe
 * without a reader) is dropped and counted, and the next successful write reports how many were lost. Lines that a
 * slow reader of a pipe does not take yet are kept and written later.
 */
export class LineOutput implements LogOutput {
  readonly #writeBytes: (bytes: Uint8Array) => number;
  readonly #reportLoss: (lines: number) => string;
  readonly #delayMs: number;
  #waiting: Item[] = [];
  #waitingBytes = 0;
  /** True if only a part of the last line was written: a newline must come before the next one. */
  #lineIsOpen = false;
  #lostLines = 0;
  #unreported = 0;
  #trouble: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param writeBytes like `fs.writeSync`: returns how many bytes were written, throws if none could be
   * @param reportLoss makes the log line that says how many lines were lost
   * @param delayMs how long a line waits for others to be written with it; 0: it is written at once
   */
  constructor(
    writeBytes: (bytes: Uint8Array) => number,
    reportLoss: (lines: number) => string,
    delayMs = 0,
  ) {
    this.#writeBytes = writeBytes;
    this.#reportLoss = reportLoss;
    this.#delayMs = delayMs;
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
    if (this.#delayMs === 0 || this.#waitingBytes >= ENOUGH_BYTES) this.flush();
    else this.#timer ??= this.#flushIn(this.#delayMs);
  }

  /** Writes waiting lines until one cannot be written. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      if (this.#unreported > 0) this.#putReportFirst();
      while (this.#waiting.length > 0) this.#put();
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = codeOf(error);
      if (this.#trouble !== 'EAGAIN') this.#dropAll();
      this.#timer = this.#flushIn(RETRY_MS);
    }
  }

  /** The timer is unref'd, since a log must not keep a process running. */
  #flushIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.flush(), ms).unref();
  }

  /** Makes one write of all waiting lines; those that it took are not waiting any more. */
  #put(): void {
    if (this.#lineIsOpen) {
      this.#writeBytes(Buffer.from('\n'));
      this.#lineIsOpen = false;
    }
    let taken = this.#writeBytes(Buffer.concat(this.#waiting.map(({ bytes }) => bytes)));
    this.#waitingBytes -= taken;
    const written = this.#waiting.findIndex(({ bytes }) => {
      if (taken < bytes.length) return true;
      taken -= bytes.length;
      return false;
    });
    this.#waiting.splice(0, written === -1 ? this.#waiting.length : written);
    const [begun] = this.#waiting;
    if (begun === undefined || taken === 0) return;
    begun.bytes = begun.bytes.subarray(taken);
    begun.begun = true;
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
