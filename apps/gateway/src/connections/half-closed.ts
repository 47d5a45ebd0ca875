import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Every HTTP/1 answer of Node begins with it. */
const PREFIX = 'HTTP/1.1 ';
/** The second byte comes this much after the first, and each later one after a wait four times as long. */
const FIRST_WAIT_MS = 100;
const WAIT_GROWS_BY = 4;

/**
 * Finds out whether a client that has ended its side still waits for its answer. The end looks the same whether it
 * still reads or has closed its socket, and behind it nothing more is read; only writing shows the difference, as
 * what comes to a closed socket resets the connection and the next write fails. So the first bytes of the answer
 * are sent ahead, one by one. Whoever still reads gets the same bytes as ever.
 */
export function sendPrefixEarly(socket: Socket, answer: ServerResponse): void {
  if (answer.headersSent) return;
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
