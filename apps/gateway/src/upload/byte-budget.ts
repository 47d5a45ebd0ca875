import { chooseVictims } from './choose-victims.ts';
import { slowAfter, UPLOAD_PACE, type Pace } from './pace.ts';

/** Why an upload is stopped: its memory is needed for another, or it is slower than the pace. */
export type UploadStop = 'no-room' | 'too-slow';

/** A timer that is later than this shows that the process was stopped, not merely busy. */
const LATE_MS = 500;

export interface ByteShare extends Disposable {
  /** Aborted, with an `UploadStop` as its reason, when the upload must end at once and release its bytes. */
  readonly stop: AbortSignal;
  /** The bytes it has taken. */
  readonly bytes: number;
  /** To be called when bytes of the body were received. */
  progress(bytes: number): void;
  /** Returns true if there was room for this many more bytes. Stalled and newer uploads are stopped to make room. */
  take(bytes: number): boolean;
  /**
   * Moves bytes of a complete file to a holding that is not stopped with the upload. Disposing the holding releases
   * them.
   */
  detach(bytes: number): Disposable;
  /** Stops the clock of the pace until the promise settles: this gateway, not the client, takes the time. */
  pauseFor(wait: Promise<unknown>): Promise<void>;
  /** To be called when the upload is complete: it is not stopped any more, and holds its bytes until it is disposed. */
  complete(): void;
}

/**
 * The memory that all uploads of this process may hold at once. Only received bytes count, so an upload that declares
 * much and sends nothing takes no room from others. No upload waits for room, so that half-read uploads cannot
 * deadlock.
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

  /** Opens an empty share for one upload. Disposing it releases its bytes; doing so twice is harmless. */
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
      // One that is complete, and fetches an image from a bucket, counts as the newest.
      const askerAt = this.#uploads.has(asker) ? uploads.indexOf(asker) : uploads.length;
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
  /** To be called when the upload is complete or stopped. */
  end(): void;
}

class Share implements ByteShare {
  readonly #account: Account;
  readonly #stop = new AbortController();
  #bytes = 0;
  #slowAt: number;
  /** Since when the clock of the pace stands still. */
  #pausedAt: number | undefined;
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
    return this.#pausedAt === undefined ? this.#slowAt : Infinity;
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

  detach(bytes: number): Disposable {
    // A stopped upload has none left.
    let held = Math.min(bytes, this.#bytes);
    this.#bytes -= held;
    return {
      [Symbol.dispose]: () => {
        this.#account.release(held);
        held = 0;
      },
    };
  }

  async pauseFor(wait: Promise<unknown>): Promise<void> {
    const { monotonicMs } = this.#account;
    this.#pausedAt = monotonicMs();
    try {
      await wait;
    } finally {
      this.#slowAt += monotonicMs() - this.#pausedAt;
      this.#pausedAt = undefined;
    }
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
   * Sets one timer, and sets it again while bytes arrive: one timer per chunk would cost more. A late timer means that
   * this process was stopped and could not read, so the client gets that time back.
   */
  #watch(afterMs: number): NodeJS.Timeout {
    const { monotonicMs, pace } = this.#account;
    const dueAt = monotonicMs() + afterMs;
    return setTimeout(() => {
      const nowMs = monotonicMs();
      const lateMs = Math.min(nowMs - dueAt, pace.graceMs);
      if (lateMs > LATE_MS) this.#slowAt = Math.max(this.#slowAt, nowMs) + lateMs;
      const leftMs = this.slowAt - nowMs;
      if (leftMs > 0) this.#timer = this.#watch(Math.min(leftMs, pace.graceMs));
      else this.end('too-slow');
    }, afterMs);
  }
}
