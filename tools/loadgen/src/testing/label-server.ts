import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arrayBuffer } from 'node:stream/consumers';

export interface Upload {
  field: string;
  fileName: string;
  bytes: Uint8Array;
  idempotencyKey: string | undefined;
  accept: string | undefined;
}

export interface LabelServer extends AsyncDisposable {
  url: URL;
}

/** Starts a server that takes one image per request and lets the test respond. */
export async function startLabelServer(
  answer: (upload: Upload, response: ServerResponse) => void | Promise<void>,
): Promise<LabelServer> {
  const server = createServer((request, response) => {
    readUpload(request)
      .then((upload) => answer(upload, response))
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
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

async function readUpload(request: IncomingMessage): Promise<Upload> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(await arrayBuffer(request), { headers }).formData();
  const [[field, file] = ['', '']] = [...form];
  if (typeof file === 'string') throw new Error('no file was sent');
  const key = request.headers['idempotency-key'];
  return {
    field,
    fileName: file.name,
    bytes: new Uint8Array(await file.arrayBuffer()),
    idempotencyKey: typeof key === 'string' ? key : undefined,
    accept: request.headers.accept,
  };
}
