import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** A client may keep sending this long after its last response, so that no reset overtakes the response. */
const LINGER_MS = 5_000;

/** Writes a response to a request that Node could not parse, for which there is no response object. Ends the connection. */
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

/** Sends the last bytes, and ends the connection when the client has stopped sending or after `LINGER_MS`. */
export function endLingering(socket: Socket, last: Uint8Array): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.on('close', () => clearTimeout(timer));
  socket.resume();
  socket.end(last);
}
