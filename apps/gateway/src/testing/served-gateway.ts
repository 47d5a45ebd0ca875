import { connect } from 'node:net';
import { listen, type HttpServer, type ListenSettings } from '../connections/server.ts';
import { createAccessLog } from '../http/access-log.ts';
import { fakeGateway, type GatewayOptions } from './gateway.ts';

/** A gateway with SQS and S3 in memory, behind a real port. */
export async function servedGateway(
  options: GatewayOptions = {},
  settings: Partial<ListenSettings> = {},
) {
  const gateway = await fakeGateway({ maxImageBytes: 100_000, ...options });
  const server = await listen(
    {
      fetch: (request, env) => gateway.app.fetch(request, env),
      log: gateway.log,
      accessLog: createAccessLog(gateway.log, gateway.metrics),
      metrics: gateway.metrics,
    },
    { host: '127.0.0.1', port: 0, keepAliveMs: 60_000, ...settings },
  );
  return {
    ...gateway,
    server,
    async [Symbol.asyncDispose]() {
      await server.stop(0, () => gateway.pending.stop());
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** A TCP client: collects what it receives until the server closes the connection, or an error does. */
export function plainClient({ url }: HttpServer) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const ended = new Promise<Error | undefined>((resolve) => {
    socket.on('error', resolve);
    socket.on('close', () => resolve(undefined));
  });
  return { socket, ended, received: () => Buffer.concat(chunks).toString() };
}
