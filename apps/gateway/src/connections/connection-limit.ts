import type { Socket } from 'node:net';

/**
 * Bounds the open connections. Where there are too many, the one that has been without a request for the longest
 * is closed: connections that send nothing cannot keep others out.
 */
export class ConnectionLimit {
  readonly #max: number;
  #open = 0;
  /** Those without a request under way, the longest first. */
  readonly #idle = new Set<Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Returns false if all others have requests under way, so that there is no place for this one. */
  add(socket: Socket): boolean {
    this.#open += 1;
    socket.on('close', () => {
      this.#open -= 1;
      this.#idle.delete(socket);
    });
    if (this.#open > this.#max) {
      const [longest] = this.#idle;
      if (longest === undefined) return false;
      this.#idle.delete(longest);
      longest.destroy();
    }
    this.#idle.add(socket);
    return true;
  }

  busy(socket: Socket): void {
    this.#idle.delete(socket);
  }

  idle(socket: Socket): void {
    if (!socket.destroyed) this.#idle.add(socket);
  }
}
