import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

/** A receiver of webhooks on loopback, which verifies them with the public package. */
export async function startReceiver(answer: RequestListener = (_, response) => response.end()) {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const verifier = new Webhook(secret);
  const received: { id: string | undefined; event: unknown }[] = [];
  let current = answer;
  const handle = async (...[request, response]: Parameters<RequestListener>) => {
    const body = await text(request);
    const headers = request.headers as Record<string, string>;
    received.push({ id: headers['webhook-id'], event: verifier.verify(body, headers) });
    current(request, response);
  };
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((...args) => void handle(...args));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const stop = async (server: Server) => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    secret,
    url: `http://127.0.0.1:${port}/hook`,
    /** All webhooks in the order of their arrival, whatever they were answered. */
    received,
    ids: () => new Set(received.map(({ id }) => id)),
    goDown: () => stop(server),
    comeBack: async () => void (server = await listen(port)),
    answer: (next: RequestListener) => void (current = next),
    [Symbol.asyncDispose]: () => (server.listening ? stop(server) : Promise.resolve()),
  };
}
