import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** A minimal load balancer for several gateways. */
export interface Proxy extends AsyncDisposable {
  readonly url: URL;
}

/**
 * Forwards each connection to the next target, even a dead one. When the target's end breaks, the client's breaks too.
 */
export async function startRoundRobinProxy(targets: readonly [URL, ...URL[]]): Promise<Proxy> {
  let count = 0;
  const closing = new AbortController();
  const server = createServer((incoming) => {
    const { hostname, port } = targets[count++ % targets.length] ?? targets[0];
    const onward = connect(Number(port), hostname);
    // The pipeline destroys both ends when one breaks.
    pipeline(incoming, onward, incoming, { signal: closing.signal }).catch(() => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    async [Symbol.asyncDispose]() {
      closing.abort();
      server.close();
      await once(server, 'close');
    },
  };
}
