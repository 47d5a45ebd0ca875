import { ApiError } from '../api-error.ts';

const CRLF = Buffer.from('\r\n');

/**
 * Takes the frame off an `aws-chunked` body: each chunk is led by its length in hexadecimal (and perhaps a
 * signature, which is not verified), the last is empty, headers may trail it.
 * docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * @param onTrailer told each trailing header, its name in lower case
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

  /** Up to the next CRLF, which is dropped. The end of the body ends a line too. */
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

  /** At least one byte and at most `max`. */
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
