import { makeRequestId } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import type { MiddlewareHandler } from 'hono';
import { RequestBody } from '../upload/request-body.ts';

/** What every handler finds with its request. */
export interface GatewayEnv {
  Bindings: {
    /** Tells a client that waits for it (Expect: 100-continue) to send its body. */
    sendContinue: () => void;
    /** Opens the body of a request that may have one. */
    body: () => ReadableStream<Uint8Array>;
  };
  Variables: {
    requestId: string;
    /** Names the request id on every line. */
    log: Logger;
    body: RequestBody;
    /**
     * From now on the request goes by the id of an earlier one, which it repeats: in its answer and its log.
     * @returns the log that names that id
     */
    continueAs: (requestId: string) => Logger;
  };
}

export interface RequestScopeDeps {
  log: Logger;
  /** The time, in milliseconds since the epoch. */
  unixMs: () => number;
  randomBytes: (count: number) => Uint8Array;
}

const BODY_IGNORED: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** How long a client may go on sending what nobody wants any more. */
const LINGER_MS = 5_000;

/** Gives each request its id before anything is checked, so that every answer can name it. */
export const requestScope =
  ({ log, unixMs, randomBytes }: RequestScopeDeps): MiddlewareHandler<GatewayEnv> =>
  async (c, next) => {
    const continueAs = (requestId: string) => {
      const named = log.child({ requestId });
      c.set('requestId', requestId);
      c.set('log', named);
      return named;
    };
    c.set('continueAs', continueAs);
    continueAs(makeRequestId(unixMs(), randomBytes(10)));
    const mayHaveBody = !BODY_IGNORED.has(c.req.method);
    // Without a server, as in tests, there is no environment.
    const env = c.env as GatewayEnv['Bindings'] | undefined;
    const stream = mayHaveBody ? (env?.body() ?? c.req.raw.body) : null;
    c.set('body', new RequestBody(stream, env?.sendContinue));
    await next();
    c.res.headers.set('x-request-id', c.var.requestId);
  };

export const lingerOnEarlyResponses: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  await next();
  const { body } = c.var;
  if (!body.ended) c.res = await closeLingering(c.res, body);
};

/**
 * An answer given before the whole body was read ends the connection, but not at once: a client that is
 * still sending would get a reset and never see the answer. So the answer's last bytes go out, and its end
 * waits until the client has stopped sending, or for a while.
 */
export async function closeLingering(response: Response, body: RequestBody): Promise<Response> {
  const answer = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set('connection', 'close');
  headers.set('content-length', String(answer.length));
  const stream = new ReadableStream<Uint8Array>({
    start: async (controller) => {
      controller.enqueue(answer);
      await body.discard(LINGER_MS);
      controller.close();
    },
  });
  return new Response(stream, { status: response.status, headers });
}
