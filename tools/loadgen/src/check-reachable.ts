import { EXIT, explain, StartError } from '@labelfleet/runtime';
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
    const isLate = error instanceof Error && error.name === 'AbortError';
    const late = `The host does not answer within ${CONNECT_TIMEOUT_MS / 1000} s. Check the address and the firewall.`;
    throw new StartError(
      `${url.href} cannot be reached: ${isLate ? late : explain(error)} (npm start runs labelfleet here.)`,
      EXIT.unavailable,
      { cause: error },
    );
  } finally {
    socket.destroy();
  }
}
