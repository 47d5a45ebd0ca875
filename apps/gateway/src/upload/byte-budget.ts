import { chooseVictims } from './choose-victims.ts';
import { slowAfter, UPLOAD_PACE, type Pace } from './pace.ts';

/** Why an upload ends before it is complete: it made room for others, or too few of its bytes came. */
export type UploadStop = 'no-room' | 'too-slow';

/** Timers of a process that is merely busy are less late than this. */
const LATE_MS = 500;

export interface ByteShare extends Disposable {
  /** Aborted, with an `UploadStop` as its reason, when the upload must end at once and let go of its bytes. */
  readonly stop: AbortSignal;
  /** What it has taken. */
  readonly bytes: number;
  /** Bytes of the body have come: the upload is alive. */
  progress(bytes: number): void;
  /** Returns true if there was room for so many bytes more. Slower and newer uploads are stopped for it. */
  take(bytes: number): boolean;
  /** The upload is complete: nothing stops it any more, and its bytes are held until it is disposed of. */
  complete(): void;
}

/**
 * The memory that all uploads of this process may hold at once. Only bytes that have come count: an upload that
 * declares much and sends nothing takes nothing from others. Nobody waits for room, so that half-read uploads
 * cannot wait for each other.
 */
export class ByteBudget {
  readonly limitBytes: number;
  readonly #pace: Pace;
  readonly #monotonicMs: () => number;
  /** Oldest first. */
  readonly #uploads = new Set<Share>();
  #inUse = 0;

  constructor(limitBytes: number, pace = UPLOAD_PACE, monotonicMs = () => performance.now()) {
    this.limitBytes = limitBytes;
    this.#pace = pace;
    this.#monotonicMs = monotonicMs;
  }

  get bytesInUse(): number {
    return this.#inUse;
  }

  /** A share for one upload; empty at first. Disposing it gives back, once, what it has taken. */
  open(): ByteShare {
    const share: Share = new Share({
      pace: this.#pace,
      monotonicMs: this.#monotonicMs,
      take: (bytes) => this.#take(share, bytes),
      release: (bytes) => (this.#inUse -= bytes),
      end: () => this.#uploads.delete(share),
    });
    this.#uploads.add(share);
    return share;
  }

  #take(asker: Share, bytes: number): boolean {
    const missing = this.#inUse + bytes - this.limitBytes;
    if (missing > 0) {
      const uploads = [...this.#uploads];
      const askerAt = uploads.indexOf(asker);
      const victims = chooseVictims(uploads, askerAt, missing, this.#monotonicMs(), this.#pace);
      if (victims === undefined) return false;
      for (const victim of victims) victim.end('no-room');
    }
    this.#inUse += bytes;
    return true;
  }
}

interface Account {
  pace: Pace;
  monotonicMs: () => number;
  take(bytes: number): boolean;
  release(bytes: number): void;
  /** Nothing of this upload is to come any more. */
  end(): void;
}

class Share implements ByteShare {
  readonly #account: Account;
  readonly #stop = new AbortController();
  #bytes = 0;
  #slowAt: number;
  #timer: NodeJS.Timeout;

  constructor(account: Account) {
    this.#account = account;
    this.#slowAt = account.monotonicMs() + account.pace.graceMs;
    this.#timer = this.#watch(account.pace.graceMs);
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get slowAt(): number {
    return this.#slowAt;
  }

  progress(bytes: number): void {
    const { monotonicMs, pace } = this.#account;
    this.#slowAt = slowAfter(this.#slowAt, bytes, monotonicMs(), pace);
  }

  take(bytes: number): boolean {
    if (this.#stop.signal.aborted || !this.#account.take(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  complete(): void {
    clearTimeout(this.#timer);
    this.#account.end();
  }

  end(reason: UploadStop): void {
    this[Symbol.dispose]();
    this.#stop.abort(reason);
  }

  [Symbol.dispose](): void {
    this.complete();
    this.#account.release(this.#bytes);
    this.#bytes = 0;
  }

  /**
   * One timer, which looks again as long as bytes come: setting one for each chunk would cost more. A timer that is
   * late means that this process stood still and could not read, so the client gets that time back.
   */
  #watch(afterMs: number): NodeJS.Timeout {
    const { monotonicMs, pace } = this.#account;
    const dueAt = monotonicMs() + afterMs;
    return setTimeout(() => {
      const nowMs = monotonicMs();
      const lateMs = Math.min(nowMs - dueAt, pace.graceMs);
      if (lateMs > LATE_MS) this.#slowAt = Math.max(this.#slowAt, nowMs) + lateMs;
      const leftMs = this.#slowAt - nowMs;
      if (leftMs > 0) this.#timer = this.#watch(leftMs);
      else this.end('too-slow');
    }, afterMs);
  }
}
