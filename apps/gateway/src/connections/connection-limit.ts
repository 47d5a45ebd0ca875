import type { Socket } from 'node:net';
import type { ConnectionRoom } from './open-files.ts';

/** A new connection has so long to send a request, and one that is kept alive the next, before it makes room. */
export const MAKES_ROOM_AFTER_MS = 1_000;

/**
 * Bounds the open connections. Where there are too many, the one that has been without a request for the longest
 * is closed: connections that send nothing cannot keep others out. One that has been for a moment only is left
 * alone, as its request may be on its way.
 */
export class ConnectionLimit {
  readonly #room: ConnectionRoom;
  readonly #makesRoomAfterMs: number;
  readonly #nowMs: () => number;
  #open = 0;
  /** Since when they have been without a request under way, the longest first. */
  readonly #idle = new Map<Socket, number>();
  /** Their refusal is on its way, the oldest first. */
  readonly #refused = new Set<Socket>();

  constructor(room: ConnectionRoom, makesRoomAfterMs: number, nowMs: () => number) {
    this.#room = room;
    this.#makesRoomAfterMs = makesRoomAfterMs;
    this.#nowMs = nowMs;
  }

  /** Returns false if there is no place for this one: it is to be refused and ended. */
  add(socket: Socket): boolean {
    if (this.#open >= this.#room.max && !this.#makeRoom()) {
      this.#noteRefused(socket);
      return false;
    }
    this.#open += 1;
    socket.on('close', () => {
      this.#open -= 1;
      this.#idle.delete(socket);
    });
    this.idle(socket);
    return true;
  }

  busy(socket: Socket): void {
    this.#idle.delete(socket);
  }

  idle(socket: Socket): void {
    if (!socket.destroyed) this.#idle.set(socket, this.#nowMs());
  }

  #makeRoom(): boolean {
    const [longest] = this.#idle;
    if (longest === undefined) return false;
    const [socket, sinceMs] = longest;
    if (this.#nowMs() - sinceMs < this.#makesRoomAfterMs) return false;
    this.#idle.delete(socket);
    socket.destroy();
    return true;
  }

  /** A refused caller may go on sending for a while; its answer has long been sent when it has to go for others. */
  #noteRefused(socket: Socket): void {
    this.#refused.add(socket);
    socket.on('close', () => this.#refused.delete(socket));
    const [oldest] = this.#refused;
    if (this.#refused.size > this.#room.maxRefused) oldest?.destroy();
  }
}
