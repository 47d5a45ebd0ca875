import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

import { isMissing } from './is-missing.ts';

/** The kernel's tables of IPv4 and IPv6 connections. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

const ROOT = 0;

/**
 * True if the process at the other end of a loopback connection runs as the user of this process, or as root, who may do
 * everything anyway. A loopback port is open to every user of a machine. Each connection is looked up once. Also true
 * if it cannot be determined, as on other systems than Linux.
 */
export class PeerUsers {
  readonly #ownUserId: number | undefined;
  readonly #looked = new WeakMap<Socket, Promise<boolean>>();

  /** @param ownUserId undefined if the system has no user ids */
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
 * Returns the owner of the calling end of a connection. `gone` means that no process has it open any more; the kernel
 * then shows root as its user. `unknown` means that the table does not contain the connection.
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

/** The table has addresses in hexadecimal, such as `0100007F:1F90`. */
const portOf = (address: string) => parseInt(address.split(':')[1] ?? '', 16);

async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
