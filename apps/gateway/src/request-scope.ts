import { makeRequestId } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import type { MiddlewareHandler } from 'hono';
import { RequestBody } from './upload/request-body.ts';

/** What every handler finds with its request. */
export interface GatewayEnv {
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

export interface RequestScopeParts {
  log: Logger;
  /** The time, in milliseconds since the epoch. */
  unixMs: () => number;
  randomBytes: (count: number) => Uint8Array;
}

/** How long a client may go on sending what nobody wants any more. */
const LINGER_MS = 5_000;

/** Gives each request its id before anything is checked, so that every answer can name it. */
export const requestScope =
  ({ log, unixMs, randomBytes }: RequestScopeParts): MiddlewareHandler<GatewayEnv> =>
  async (c, next) => {
    const continueAs = (requestId: string) => {
      const named = log.child({ requestId });
      c.set('requestId', requestId);
      c.set('log', named);
      return named;
    };
    c.set('continueAs', continueAs);
    continueAs(makeRequestId(unixMs(), randomBytes(10)));
    const mayHaveBody = c.req.method !== 'GET' && c.req.method !== 'HEAD';
    c.set('body', new RequestBody(mayHaveBody ? c.req.raw.body : null));
    await next();
    c.res.headers.set('x-request-id', c.var.requestId);
  };

/**
 * An answer given before the whole body was read ends the connection, but not at once: a client that is
 * still sending would get a reset and never see the answer. So the answer's last bytes go out, and its end
 * waits until the client has stopped sending, or for a while.
 */
export const lingerOnEarlyAnswers: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  await next();
  const { body } = c.var;
  if (body.ended) return;
  const answer = new Uint8Array(await c.res.arrayBuffer());
  const headers = new Headers(c.res.headers);
  headers.set('connection', 'close');
  headers.set('content-length', String(answer.length));
  const stream = new ReadableStream<Uint8Array>({
    start: async (controller) => {
      controller.enqueue(answer);
      await body.discard(LINGER_MS);
      controller.close();
    },
  });
  c.res = new Response(stream, { status: c.res.status, headers });
};
