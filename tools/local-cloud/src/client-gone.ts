import type { IncomingMessage } from 'node:http';

/**
 * Aborted when the client of a call has closed its connection. The end of what it sends is seen one turn of
 * the event loop before the connection closes, which is in time for a poll that must not take a message.
 * Dispose of it with the call: the connection may carry more.
 */
export class ClientGone implements Disposable {
  readonly #controller = new AbortController();
  readonly #socket: IncomingMessage['socket'];
  readonly #abort = () => this.#controller.abort();

  constructor({ socket }: IncomingMessage) {
    this.#socket = socket;
    if (socket.destroyed || socket.readableEnded) this.#abort();
    socket.once('end', this.#abort).once('close', this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#socket.off('end', this.#abort).off('close', this.#abort);
  }
}
