/** One event of a `text/event-stream`. */
export interface ServerEvent {
  type: string;
  data: string;
  /** The last `id` of the stream so far; it resumes the stream as `Last-Event-ID`. */
  id: string;
}

/** Parses a `text/event-stream` by the WHATWG standard, from chunks that may end anywhere. */
export class EventStreamParser {
  // Drops the byte order mark, and keeps the bytes of a character that is not complete.
  readonly #decoder = new TextDecoder();
  #line = '';
  #afterReturn = false;
  #type = '';
  #data: string[] = [];
  #idOfBlock = '';
  #id = '';

  /** @returns the events that this chunk completes */
  push(chunk: Uint8Array): ServerEvent[] {
    let text = this.#decoder.decode(chunk, { stream: true });
    if (text === '') return [];
    // A line ends with CR at once, so an LF that follows belongs to it.
    if (this.#afterReturn && text.startsWith('\n')) text = text.slice(1);
    this.#afterReturn = text.endsWith('\r');
    const [first = '', ...lines] = text.split(/\r\n|\r|\n/);
    lines.unshift(this.#line + first);
    this.#line = lines.pop() ?? '';
    return lines.flatMap((line) => this.#end(line) ?? []);
  }

  #end(line: string): ServerEvent | undefined {
    if (line === '') return this.#dispatch();
    const [, field, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line) ?? [];
    if (field === 'data') this.#data.push(value);
    if (field === 'event') this.#type = value;
    if (field === 'id' && !value.includes('\0')) this.#idOfBlock = value;
    return undefined;
  }

  #dispatch(): ServerEvent | undefined {
    this.#id = this.#idOfBlock;
    const [type, data] = [this.#type, this.#data];
    this.#type = '';
    this.#data = [];
    if (data.length === 0) return undefined;
    return { type: type || 'message', data: data.join('\n'), id: this.#id };
  }
}
