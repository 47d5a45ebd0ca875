import type { Socket } from 'node:net';

/**
 * Limits the open connections. When there are too many, the one that has been idle for the longest is closed, so
 * that connections which send nothing cannot keep others out.
 */
export class ConnectionLimit {
  readonly #max: number;
  #open = 0;
  /** Connections without a request under way, the longest idle first. */
  readonly #idle = new Set<Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Returns false if all other connections have requests under way, so that this one has to be refused. */
  add(socket: Socket): boolean {
    this.#open += 1;
    socket.on('close', () => {
      this.#open -= 1;
      this.#idle.delete(socket);
    });
    if (this.#open > this.#max) {
      const [longestIdle] = this.#idle;
      if (longestIdle === undefined) return false;
      this.#idle.delete(longestIdle);
      longestIdle.destroy();
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
