import { EXIT, explain, StartError } from '@labelfleet/runtime';
import { once } from 'node:events';
import { connect } from 'node:net';

const CONNECT_TIMEOUT_MS = 10_000;

/** Resolves if a server accepts connections at the URL. @throws StartError if none does */
export async function checkReachable(url: URL): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'AbortError';
    const timeoutText = `The host does not answer within ${CONNECT_TIMEOUT_MS / 1000} s. Check the address and the firewall.`;
    throw new StartError(
      `${url.href} cannot be reached: ${timedOut ? timeoutText : explain(error)} (npm start runs labelfleet here.)`,
      EXIT.unavailable,
      { cause: error },
    );
  } finally {
    socket.destroy();
  }
}
