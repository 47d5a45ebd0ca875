import type { Readable } from 'node:stream';

/** The body of one request, read piece by piece. */
export class RequestBody {
  readonly #stream: Readable | null;
  #sendContinue: (() => void) | undefined;
  #error: Error | undefined;
  #ended: boolean;
  #bytesRead = 0;
  /** Ends the wait of the read under way. */
  #wake: () => void = ignore;

  /**
   * @param stream null if the request has no body
   * @param sendContinue called before the first read: the client may be waiting for 100 Continue
   */
  constructor(stream: Readable | null, sendContinue?: () => void) {
    this.#stream = stream;
    this.#sendContinue = sendContinue;
    this.#ended = stream === null;
    if (stream === null) return;
    const wake = () => this.#wake();
    stream.on('readable', wake);
    stream.on('end', () => {
      this.#ended = true;
      wake();
    });
    stream.on('error', (error) => {
      this.#error ??= error;
      wake();
    });
    stream.on('close', wake);
  }

  /** True if the end has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /**
   * All bytes received so far, so that a client which sends chunks of one byte does not cost a thousand times as much
   * as others; undefined at the end. Rejects if the client disconnects, the body is broken or the signal aborts.
   */
  async read(signal: AbortSignal): Promise<Uint8Array | undefined> {
    this.#sendContinue?.();
    this.#sendContinue = undefined;
    return this.#next(signal);
  }

  /** Reads and drops the rest: until the end, until the client disconnects, or for this long. */
  async discard(withinMs: number): Promise<void> {
    const stopping = new AbortController();
    const timer = setTimeout(() => stopping.abort(), withinMs);
    try {
      while ((await this.#next(stopping.signal)) !== undefined);
    } catch {
      // No client is left that could get an error.
    } finally {
      clearTimeout(timer);
    }
  }

  async #next(signal: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#ended || this.#stream === null) return undefined;
      const { destroyed } = this.#stream;
      const bytes = destroyed ? null : (this.#stream.read() as Uint8Array | null);
      if (bytes !== null) {
        this.#bytesRead += bytes.length;
        return bytes;
      }
      if (this.#error !== undefined) throw this.#error;
      if (destroyed) throw new Error('The connection closed before the end of the body');
      await this.#change(signal);
    }
  }

  /** Resolves when the stream has bytes, ends or breaks, or the signal aborts. */
  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = () => resolve();
    signal.addEventListener('abort', this.#wake, { once: true });
    await promise;
    signal.removeEventListener('abort', this.#wake);
  }
}

function ignore(): void {}
