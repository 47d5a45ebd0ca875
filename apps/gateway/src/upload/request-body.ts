type Chunk = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

/** The body of one request, read chunk by chunk. */
export class RequestBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #sendContinue: (() => void) | undefined;
  /** A read that was aborted; its chunk has not arrived yet. */
  #underWay: Promise<Chunk> | undefined;
  #ended: boolean;

  /**
   * @param stream null if the request has no body
   * @param sendContinue called before the first read: the client may be waiting for 100 Continue
   */
  constructor(stream: ReadableStream<Uint8Array> | null, sendContinue?: () => void) {
    this.#reader = stream?.getReader();
    this.#sendContinue = sendContinue;
    this.#ended = stream === null;
  }

  /** True if the end has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next chunk; undefined at the end. Rejects if the client disconnects, the body is broken or the signal aborts. */
  async read(signal: AbortSignal): Promise<Uint8Array | undefined> {
    this.#sendContinue?.();
    this.#sendContinue = undefined;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
    const onAbort = () => reject(new Error('The read was aborted', { cause: signal.reason }));
    signal.throwIfAborted();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#next().then(resolve, reject);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Reads and drops the rest: until the end, until the client disconnects, or for this long. */
  async discard(withinMs: number): Promise<void> {
    // Cancelling ends the read under way.
    const timer = setTimeout(() => void this.#reader?.cancel().catch(ignoreDisconnect), withinMs);
    try {
      while ((await this.#next()) !== undefined);
    } catch {
      ignoreDisconnect();
    } finally {
      clearTimeout(timer);
    }
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#reader === undefined) return undefined;
    this.#underWay ??= this.#reader.read();
    const { done, value } = await this.#underWay;
    this.#underWay = undefined;
    this.#ended ||= done;
    return value;
  }
}

/** No client is left that could get an error. */
function ignoreDisconnect(): void {}
