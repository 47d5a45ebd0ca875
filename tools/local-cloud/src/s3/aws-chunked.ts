import { ApiError } from '../api-error.ts';

const CRLF = Buffer.from('\r\n');

/**
 * Decodes an `aws-chunked` body. Each chunk follows its length in hexadecimal and an optional signature, which is not
 * verified. The last chunk is empty, and trailing headers may follow it.
 * docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * @param onTrailer called with each trailing header, with its name in lower case
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Buffer> {
  const reader = new Reader(source);
  for (;;) {
    const header = await reader.line();
    const size = /^([0-9a-f]+)(;|$)/i.exec(header)?.[1];
    if (size === undefined) throw incomplete('A chunk does not begin with its length.');
    let left = parseInt(size, 16);
    if (left === 0) break;
    while (left > 0) {
      const part = await reader.take(left);
      left -= part.length;
      yield part;
    }
    if ((await reader.line()) !== '') throw incomplete('A chunk is longer than its length.');
  }
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    onTrailer(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
}

class Reader {
  readonly #source: AsyncIterator<Buffer>;
  #buffered: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Reads up to the next CRLF, which is dropped, or the end of the body. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffered.indexOf(CRLF);
      if (end >= 0) {
        const line = this.#buffered.subarray(0, end).toString();
        this.#buffered = this.#buffered.subarray(end + CRLF.length);
        return line;
      }
      if (!(await this.#more())) {
        const line = this.#buffered.toString();
        this.#buffered = Buffer.alloc(0);
        return line;
      }
    }
  }

  /** Reads at least one byte and at most `max`. */
  async take(max: number): Promise<Buffer> {
    if (this.#buffered.length === 0 && !(await this.#more())) {
      throw incomplete('The body ends within a chunk.');
    }
    const part = this.#buffered.subarray(0, max);
    this.#buffered = this.#buffered.subarray(part.length);
    return part;
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#buffered =
      this.#buffered.length === 0 ? next.value : Buffer.concat([this.#buffered, next.value]);
    return true;
  }
}

function incomplete(message: string): ApiError {
  return new ApiError('IncompleteBody', message);
}
