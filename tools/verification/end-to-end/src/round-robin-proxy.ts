import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** A minimal load balancer for several gateways. */
export interface Proxy extends AsyncDisposable {
  readonly url: URL;
}

/**
 * Forwards each request to the next target, even a dead one. When the target does not answer, the client's connection
 * breaks too.
 */
export async function startRoundRobinProxy(targets: readonly URL[]): Promise<Proxy> {
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const target = targets[count++ % targets.length];
    if (target === undefined) throw new RangeError('a proxy needs a target');
    // Both ends are already destroyed.
    forward(incoming, outgoing, target).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function forward(incoming: IncomingMessage, outgoing: ServerResponse, target: URL) {
  const { method, headers } = incoming;
  // Connections are not reused, so that each request opens one to its target.
  const onward = request(new URL(incoming.url ?? '/', target), { method, headers, agent: false });
  const answered = once(onward, 'response') as Promise<[IncomingMessage]>;
  const [[answer]] = await Promise.all([answered, pipeline(incoming, onward)]);
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, outgoing);
}
