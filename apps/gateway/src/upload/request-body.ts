/** The body of one request, read chunk by chunk. */
export class RequestBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #ended: boolean;

  /** @param stream null: the request has no body */
  constructor(stream: ReadableStream<Uint8Array> | null) {
    this.#reader = stream?.getReader();
    this.#ended = stream === null;
  }

  /** Whether the end has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next chunk; undefined at the end. Rejects when the client has gone. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#reader === undefined) return undefined;
    const { done, value } = await this.#reader.read();
    this.#ended ||= done;
    return value;
  }

  /** Reads on and keeps nothing: until the end, until the client has gone, or for this long. */
  async discard(withinMs: number): Promise<void> {
    // Cancelling ends the read that is under way.
    const timer = setTimeout(() => void this.#reader?.cancel().catch(clientGone), withinMs);
    try {
      while ((await this.read()) !== undefined);
    } catch {
      clientGone();
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Nobody is left to be told. */
function clientGone(): void {}
