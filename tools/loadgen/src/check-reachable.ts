import { EXIT, StartError } from '@labelfleet/runtime';
import { once } from 'node:events';
import { connect } from 'node:net';

const CONNECT_TIMEOUT_MS = 10_000;

/** Resolves when something accepts connections there. @throws StartError where nothing does */
export async function checkReachable(url: URL): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new StartError(
      `Nothing answers at ${url.href} (${why}). Is it running? npm start runs it here.`,
      EXIT.unavailable,
      { cause: error },
    );
  } finally {
    socket.destroy();
  }
}
