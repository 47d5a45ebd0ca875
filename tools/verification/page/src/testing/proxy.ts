import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of gateways. */
export interface Proxy extends AsyncDisposable {
  readonly url: URL;
  /** How many answers were not from a gateway. */
  readonly answeredInPlace: number;
  /** How long an upload takes on its way to the gateway. */
  uploadMs: number;
  /** Answers every request by an HTML page, in place of the gateway. */
  answerInPlace(status: number): void;
  /** Forwards again, to another gateway if one is named. */
  forward(to?: URL): void;
}

/** @param prefix the path that is taken off before a request is forwarded */
export async function startProxy(gateway: URL, prefix = '/'): Promise<Proxy> {
  let target = gateway;
  let status: number | undefined;
  let answeredInPlace = 0;
  const server = createServer((incoming, response) => {
    const inPlace = (code: number) => {
      answeredInPlace += 1;
      incoming.resume();
      response.writeHead(code, { 'content-type': 'text/html' }).end(`<h1>${code}</h1>`);
    };
    const path = incoming.url ?? '/';
    if (status !== undefined) return inPlace(status);
    if (!path.startsWith(prefix)) return inPlace(404);
    const onward = httpRequest(new URL(path.slice(prefix.length - 1), target), {
      method: incoming.method,
      headers: incoming.headers,
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
      // The gateway ended in the middle of an answer.
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => {
      if (response.headersSent) response.destroy();
      else inPlace(502);
    });
    response.on('close', () => onward.destroy());
    if (incoming.method === 'POST') setTimeout(() => incoming.pipe(onward), proxy.uploadMs);
    else incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy: Proxy = {
    url: new URL(`http://127.0.0.1:${port}/`),
    uploadMs: 0,
    get answeredInPlace() {
      return answeredInPlace;
    },
    answerInPlace: (code) => (status = code),
    forward(to) {
      status = undefined;
      target = to ?? target;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
