import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The first bytes of every HTTP/1 response of Node. */
const PREFIX = 'HTTP/1.1 ';
/** The second byte is sent this long after the first; each later wait is four times as long. */
const FIRST_WAIT_MS = 100;
const WAIT_GROWS_BY = 4;

/**
 * Finds out whether a client that has ended its side still waits for its response. A client that still reads and one
 * that closed its socket both send the same FIN, and nothing can be read after it. Only a write shows the difference:
 * a closed socket returns a reset, and the next write fails. So the first bytes of the response are sent
 * early, one by one. A client that still reads gets the same bytes as always.
 */
export function sendPrefixEarly(socket: Socket, response: ServerResponse): void {
  if (response.headersSent) return;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const sendNext = (waitMs: number) => {
    if (sent === PREFIX.length || !socket.writable) return;
    write(PREFIX.charAt(sent));
    sent += 1;
    timer = setTimeout(() => sendNext(waitMs * WAIT_GROWS_BY), waitMs);
  };
  socket.on('close', () => clearTimeout(timer));
  socket.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    clearTimeout(timer);
    socket.write = write;
    const left = typeof chunk === 'string' ? chunk.slice(sent) : chunk.subarray(sent);
    return write(left, ...rest);
  };
  sendNext(FIRST_WAIT_MS);
}
