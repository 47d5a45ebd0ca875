import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { HeldCalls } from './held-calls.ts';

export interface HoldingProxy extends AsyncDisposable {
  url: string;
  /** The next call of this operation pauses until it is released. */
  hold: HeldCalls['hold'];
}

/** A proxy in front of EC2 that forwards calls, and pauses one if a test asks for it. */
export async function startHoldingProxy(target: string): Promise<HoldingProxy> {
  const held = new HeldCalls();

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const operation = new URLSearchParams(body.toString()).get('Action') ?? '';
    await held.pass(operation);
    const headers = new Headers();
    for (const name of ['authorization', 'content-type', 'x-amz-date']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const upstream = await fetch(new URL(request.url ?? '/', target), {
      method: request.method ?? 'POST',
      headers,
      body: new Uint8Array(body),
    });
    response.writeHead(upstream.status, {
      'content-type': upstream.headers.get('content-type') ?? '',
    });
    response.end(Buffer.from(await upstream.arrayBuffer()));
  }

  const server = createServer((request, response) => {
    forward(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    hold: (operation) => held.hold(operation),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
