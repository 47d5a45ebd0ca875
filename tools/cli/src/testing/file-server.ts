import { startHttpServer, type HttpServer } from '@labelfleet/testkit/http-server';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface FileServer extends HttpServer {
  /** `PATH [RANGE]` of every request so far. */
  requests: string[];
}

export type Respond = (
  request: IncomingMessage,
  response: ServerResponse,
  /** The number of the request, from 1. */
  call: number,
) => void;

/** Starts a server on loopback that lets the test write every response. */
export async function startFileServer(respond: Respond): Promise<FileServer> {
  const requests: string[] = [];
  const server = await startHttpServer((request, response) => {
    const { url = '', headers } = request;
    requests.push(headers.range === undefined ? url : `${url} ${headers.range}`);
    respond(request, response, requests.length);
  });
  return { ...server, url: new URL('models/', server.url), requests };
}

/** Serves a file and answers range requests, unless If-Range names another version of the file. */
export function serveFile(file: Uint8Array, etag?: string): Respond {
  return (request, response) => {
    const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const condition = request.headers['if-range'];
    if (etag !== undefined) response.setHeader('etag', etag);
    if (start === undefined || (condition !== undefined && condition !== etag)) {
      response.writeHead(200, { 'content-length': file.length }).end(file);
      return;
    }
    const from = Number(start);
    if (from >= file.length) {
      response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
      return;
    }
    const range = `bytes ${from}-${file.length - 1}/${file.length}`;
    response.writeHead(206, { 'content-range': range }).end(file.subarray(from));
  };
}

/** Announces a whole file and closes the connection once its first bytes have arrived. */
export function breakOff(file: Uint8Array, after: number, arrived: () => Promise<void>): Respond {
  return (_, response) => {
    response.writeHead(200, { 'content-length': file.length });
    response.write(file.subarray(0, after));
    void arrived().finally(() => response.destroy());
  };
}
