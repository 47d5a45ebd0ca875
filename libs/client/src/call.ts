import type { Clock } from './clock.ts';
import { ForeignAnswerError, NoAnswerError, parseProblem, ProblemError } from './errors.ts';
import { parseRetryAfter } from './retry-after.ts';
import { retrying, type Retry } from './retry.ts';
import type { Target } from './target.ts';

export type { Retry } from './retry.ts';

export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Called before every repeat. */
  onRetry?: ((retry: Retry) => void) | undefined;
}

export interface Message {
  method: 'GET' | 'POST';
  /** Below the base URL: `v1/fleet`. */
  path: string;
  headers?: Record<string, string>;
  body?: Blob | FormData | string;
}

export interface Request extends Message {
  /** The time for one try, from its first byte to the last byte of its answer. */
  timeoutMs: number;
}

/** Sends a request until labelfleet answers it. @returns the JSON of the answer */
export async function call<T>(
  target: Target,
  request: Request | ((elapsedMs: number) => Request),
  { signal, onRetry }: CallOptions = {},
): Promise<T> {
  const { giveUpAfterMs, clock } = target;
  return await retrying(
    async (elapsedMs) => {
      const now = typeof request === 'function' ? request(elapsedMs) : request;
      const timeout = AbortSignal.timeout(now.timeoutMs);
      const ended = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
      const [response, text] = await orNoAnswer(async () => {
        const answer = await send(target, now, ended);
        return [answer, await answer.text()] as const;
      });
      const json = parseJson(text);
      if (!response.ok) throw answerError(response, text, clock);
      // A page of a proxy may have status 200, too.
      if (typeof json !== 'object' || json === null) throw new ForeignAnswerError(200, text);
      return json as T;
    },
    { giveUpAfterMs, signal, onRetry },
    clock,
  );
}

const TIMEOUT_MS = 30_000;

/** Calls whose answers come soon. */
export const callsOf = (target: Target) => ({
  get: <T>(path: string, options?: CallOptions) =>
    call<T>(target, { method: 'GET', path, timeoutMs: TIMEOUT_MS }, options),
  post: <T>(path: string, more: Partial<Request>, options?: CallOptions) =>
    call<T>(target, { method: 'POST', path, timeoutMs: TIMEOUT_MS, ...more }, options),
});

/** Sends a request once. Redirects are not followed: they would turn a POST into a GET. */
export const send = (
  { baseUrl, headers, fetch }: Target,
  { method, path, headers: more, body }: Message,
  signal: AbortSignal,
): Promise<Response> =>
  fetch(new URL(path, baseUrl), {
    method,
    headers: { accept: 'application/json', ...headers, ...more },
    ...(body !== undefined && { body }),
    redirect: 'manual',
    signal,
  });

/** The error of an answer that is not a success. */
export function answerError(response: Response, text: string, clock: Clock): Error {
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), clock.unixMs());
  const problem = parseProblem(parseJson(text));
  return problem === undefined
    ? new ForeignAnswerError(response.status, describe(response, text), retryAfterMs)
    : new ProblemError(problem, retryAfterMs);
}

/** Makes every failure of fetch a NoAnswerError. */
export async function orNoAnswer<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    throw new NoAnswerError(timedOut ? 'No answer came in time.' : 'The connection failed.', {
      cause: error,
    });
  }
}

function describe(response: Response, text: string): string {
  const location = response.headers.get('location');
  const isRedirect = response.type === 'opaqueredirect' || location !== null;
  return isRedirect ? `a redirect to ${location ?? 'another address'}; use that address` : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
