/** What is kept for the reader of a pipe that does not keep up; more is lost. */
const MAX_WAITING_BYTES = 1_048_576;
const TRY_AGAIN_MS = 250;

/** Where the log lines of a process go. Writing one never throws and never waits. */
export interface LogOutput {
  write(line: string): void;
  /** Lines that could not be written since the process started. */
  readonly lostLines: number;
  /** Why the last write failed, such as `ENOSPC`; undefined while lines are written. */
  readonly trouble: string | undefined;
}

interface Item {
  bytes: Uint8Array;
  /** A part of it is written. */
  begun: boolean;
  /** How many lost lines it reports; 0 for a log line. */
  reports: number;
}

/**
 * A log on a file, pipe or terminal. A line that cannot be written (full disk, pipe without a reader) is
 * dropped and counted; as soon as writing works again, a line says how many were lost. What a slow reader of
 * a pipe does not take yet is kept and tried again.
 */
export class LineOutput implements LogOutput {
  readonly #writeBytes: (bytes: Uint8Array) => number;
  readonly #reportLoss: (lines: number) => string;
  #waiting: Item[] = [];
  #waitingBytes = 0;
  /** The last line was cut short and dropped: the next one must not continue it. */
  #lineIsOpen = false;
  #lostLines = 0;
  #unreported = 0;
  #trouble: string | undefined;
  #retry: NodeJS.Timeout | undefined;

  /**
   * @param writeBytes as `fs.writeSync`: returns how many bytes were taken, throws where none can be
   * @param reportLoss the log line that says how many lines were lost
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

  /** Writes what waits, as far as it is taken now. */
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
      // An unref'd timer: a log never keeps a process running.
      this.#retry = setTimeout(() => this.flush(), TRY_AGAIN_MS).unref();
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

  /** Not into the middle of a line. */
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
