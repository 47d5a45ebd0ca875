import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** How long a client may go on sending after an answer that ends its connection, so that no reset overtakes it. */
const LINGER_MS = 5_000;

/** Answers where Node has no response object, as the request could not be read, and ends the connection. */
export async function respondRaw(socket: Socket, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set('date', new Date().toUTCString());
  headers.set('connection', 'close');
  headers.set('content-length', String(body.length));
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  const status = `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`;
  endLingering(
    socket,
    Buffer.concat([Buffer.from([status, ...lines, '', ''].join('\r\n'), 'latin1'), body]),
  );
}

/** Sends the last bytes and ends the connection, at once or when the client has stopped sending. */
export function endLingering(socket: Socket, last: Uint8Array): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.on('close', () => clearTimeout(timer));
  socket.resume();
  socket.end(last);
}
