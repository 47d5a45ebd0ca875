import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Connection } from '../connection.ts';

export interface StubCall {
  method: string;
  path: string;
  /** The name of the operation in the JSON protocol's header; empty in the other protocols. */
  operation: string;
  body: string;
  host: string | undefined;
  headers: IncomingHttpHeaders;
}

export interface StubAnswer {
  /** Default: 200. */
  status?: number;
  headers?: Record<string, string>;
  body: string;
  /** Break the connection after the body, or without a response. */
  breakConnection?: 'after-body' | 'no-response';
}

export interface StubService extends AsyncDisposable {
  endpoint: string;
  connection: Connection;
  /** All calls, oldest first. */
  calls: readonly StubCall[];
}

/** Starts an HTTP service that answers with `answer` and records the calls. */
export async function startStubService(
  answer: (call: StubCall) => StubAnswer | Promise<StubAnswer>,
): Promise<StubService> {
  const calls: StubCall[] = [];
  const server = createServer((request, response) => {
    void readCall(request)
      .then(async (call) => {
        calls.push(call);
        const { status = 200, headers, body, breakConnection } = await answer(call);
        if (breakConnection === 'no-response') return response.destroy();
        response.writeHead(status, headers);
        if (breakConnection === 'after-body') response.write(body, () => response.destroy());
        else response.end(body);
      })
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    connection: {
      region: 'us-east-1',
      endpoint,
      credentials: { accessKeyId: 'stub', secretAccessKey: 'stub' },
    },
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readCall(request: IncomingMessage): Promise<StubCall> {
  const target = request.headers['x-amz-target'];
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    operation: typeof target === 'string' ? (target.split('.')[1] ?? '') : '',
    body: await text(request),
    host: request.headers.host,
    headers: request.headers,
  };
}
