type Chunk = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

/** The body of one request, read chunk by chunk. */
export class RequestBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #askForIt: (() => void) | undefined;
  /** A read that was given up: its chunk is still to come. */
  #underWay: Promise<Chunk> | undefined;
  #ended: boolean;

  /**
   * @param stream null: the request has no body
   * @param askForIt called before the first read: the client may wait to be told to go on (100 Continue)
   */
  constructor(stream: ReadableStream<Uint8Array> | null, askForIt?: () => void) {
    this.#reader = stream?.getReader();
    this.#askForIt = askForIt;
    this.#ended = stream === null;
  }

  /** Whether the end has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next chunk; undefined at the end. Rejects when the client has gone, the body is broken or at the signal. */
  async read(signal: AbortSignal): Promise<Uint8Array | undefined> {
    this.#askForIt?.();
    this.#askForIt = undefined;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
    const onAbort = () => reject(new Error('the read was given up', { cause: signal.reason }));
    signal.throwIfAborted();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#next().then(resolve, reject);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Reads on and keeps nothing: until the end, until the client has gone, or for this long. */
  async discard(withinMs: number): Promise<void> {
    // Cancelling ends the read that is under way.
    const timer = setTimeout(() => void this.#reader?.cancel().catch(clientGone), withinMs);
    try {
      while ((await this.#next()) !== undefined);
    } catch {
      clientGone();
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

/** Nobody is left to be told. */
function clientGone(): void {}
