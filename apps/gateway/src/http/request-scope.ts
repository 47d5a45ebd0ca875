import { makeRequestId, type ApiKey } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import type { Span } from '@labelfleet/telemetry';
import type { MiddlewareHandler } from 'hono';
import { Readable } from 'node:stream';
import type { AccessFields } from './access-log.ts';
import { seeClient, type ClientView, type ProxySettings } from './client-view.ts';
import { addCorsHeaders, type Origins } from './cors.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { RequestBody } from '../upload/request-body.ts';

/** The environment and variables that every handler has. */
export interface GatewayEnv {
  Bindings: {
    /** Asks a client that sent `Expect: 100-continue` for its body. */
    sendContinue: () => void;
    body: Readable;
    /** The address at the other end of the connection. */
    peer: string | undefined;
    access: AccessFields;
  };
  Variables: {
    /** The id in the response: the request's own, until its route replaces it by that of the request it repeats. */
    requestId: string;
    /** Carries the request id on every line. */
    log: Logger;
    /** Makes a log that carries another request id. */
    logFor: (requestId: string) => Logger;
    body: RequestBody;
    /** The caller's API key; undefined if the gateway has no keys. */
    key: ApiKey | undefined;
    /** Who sent the request, by its key; undefined if the gateway has no keys. */
    caller: string | undefined;
    client: ClientView;
    /** For the line of the request in the log. */
    access: AccessFields;
    /** Undefined if the request is not traced. */
    span: Span | undefined;
  };
}

export interface RequestScopeDeps {
  log: Logger;
  /** Milliseconds since the epoch. */
  unixMs: () => number;
  randomBytes: (count: number) => Uint8Array;
  proxies: ProxySettings;
  origins: Origins;
}

const BODY_IGNORED: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** How long a client may keep sending after its response. */
const LINGER_MS = 5_000;

/** Gives each request its id before anything is checked, so that every response carries one. */
export const requestScope =
  ({
    log,
    unixMs,
    randomBytes,
    proxies,
    origins,
  }: RequestScopeDeps): MiddlewareHandler<GatewayEnv> =>
  async (c, next) => {
    const logFor = (requestId: string) => log.child({ requestId });
    const requestId = makeRequestId(unixMs(), randomBytes(10));
    c.set('requestId', requestId);
    c.set('log', logFor(requestId));
    c.set('logFor', logFor);
    c.set('key', undefined);
    c.set('caller', undefined);
    c.set('span', undefined);
    const mayHaveBody = !BODY_IGNORED.has(c.req.method);
    // Tests call the app without a server, and then there is no environment.
    const env = c.env as GatewayEnv['Bindings'] | undefined;
    const header = (name: string) => c.req.header(name);
    const client = seeClient(env?.peer, header, proxies);
    const access = env?.access ?? {};
    access.requestId = requestId;
    access.client = client.address;
    c.set('client', client);
    c.set('access', access);
    const body = mayHaveBody ? (env?.body ?? streamOf(c.req.raw)) : null;
    const requestBody = new RequestBody(body, env?.sendContinue);
    c.set('body', requestBody);
    await next();
    access.requestId = c.var.requestId;
    access.bytesIn = requestBody.bytesRead;
    const { headers } = c.res;
    headers.set('x-request-id', c.var.requestId);
    for (const [name, value] of SECURITY_HEADERS) headers.set(name, value);
    addCorsHeaders(headers, { method: c.req.method, header }, origins);
  };

const streamOf = ({ body }: Request): Readable | null => body && Readable.fromWeb(body);

export const lingerOnEarlyResponses: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  await next();
  const { body } = c.var;
  if (!body.ended) c.res = await closeLingering(c.res, body);
};

/**
 * Ends the connection after a response that is sent before the whole body was read, but not at once: a client that is
 * still sending would get a reset and never see the response. So the response's bytes are sent, and its end waits
 * until the client has stopped sending, for at most 5 s.
 */
export async function closeLingering(response: Response, body: RequestBody): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set('connection', 'close');
  headers.set('content-length', String(bytes.length));
  const stream = new ReadableStream<Uint8Array>({
    start: async (controller) => {
      controller.enqueue(bytes);
      await body.discard(LINGER_MS);
      controller.close();
    },
  });
  return new Response(stream, { status: response.status, headers });
}
