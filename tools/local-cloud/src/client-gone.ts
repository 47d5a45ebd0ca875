import type { IncomingMessage } from 'node:http';

/**
 * Aborts a signal when the client of a call closes its connection. It reacts to the end of the client's data, which comes
 * one turn of the event loop before the close, so that a poll does not receive a message for a client that is gone.
 * Dispose of it at the end of the call, because the connection may carry more calls.
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
