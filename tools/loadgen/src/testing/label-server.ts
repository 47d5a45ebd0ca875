import { startHttpServer, type HttpServer } from '@labelfleet/testkit/http-server';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { arrayBuffer } from 'node:stream/consumers';

export interface Upload {
  field: string;
  fileName: string;
  bytes: Uint8Array;
  idempotencyKey: string | undefined;
  accept: string | undefined;
}

/** Starts a server that takes one image per request and lets the test respond. */
export function startLabelServer(
  answer: (upload: Upload, response: ServerResponse) => void | Promise<void>,
): Promise<HttpServer> {
  return startHttpServer((request, response) => {
    readUpload(request)
      .then((upload) => answer(upload, response))
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
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
