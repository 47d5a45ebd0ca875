import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

import { isMissing } from './is-missing.ts';

/** The kernel's lists of connections, those of sockets for IPv6 in the second. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

const ROOT = 0;

/**
 * Whether the process at the other end of a connection within this machine runs as the user of this one, or as
 * root, who may do everything anyway. A port on the loopback is open to every user of a machine. Each connection is
 * looked up once. True also where it cannot be told: on another system than Linux.
 */
export class PeerUsers {
  readonly #ownUserId: number | undefined;
  readonly #looked = new WeakMap<Socket, Promise<boolean>>();

  /** @param ownUserId undefined: this system has no such numbers */
  constructor(ownUserId: number | undefined) {
    this.#ownUserId = ownUserId;
  }

  isOwn(socket: Socket): Promise<boolean> {
    const looked = this.#looked.get(socket) ?? this.#look(socket);
    this.#looked.set(socket, looked);
    return looked;
  }

  async #look({ localPort = 0, remotePort = 0 }: Socket): Promise<boolean> {
    const tables = await Promise.all(TABLES.map(readTable));
    const userId = ownerOf(tables.join('\n'), { from: remotePort, to: localPort });
    if (userId === 'unknown') return true;
    return userId === this.#ownUserId || userId === ROOT;
  }
}

/**
 * Whose the calling end of a connection is. `gone`: nobody's any more, or no process has it open; its user is not
 * told then, and the kernel shows it as root's. `unknown`: the table does not have the connection at all.
 */
export function ownerOf(
  table: string,
  { from, to }: { from: number; to: number },
): number | 'gone' | 'unknown' {
  let seen = false;
  for (const line of table.split('\n')) {
    const [, local = '', remote = '', , , , , userId, , inode] = line.trim().split(/\s+/);
    const [localPort, remotePort] = [portOf(local), portOf(remote)];
    if (localPort === from && remotePort === to) return inode === '0' ? 'gone' : Number(userId);
    if (localPort === to && remotePort === from) seen = true;
  }
  return seen ? 'gone' : 'unknown';
}

/** An address is written in hexadecimal, as `0100007F:1F90`. */
const portOf = (address: string) => parseInt(address.split(':')[1] ?? '', 16);

async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
