import { hash } from 'node:crypto';
import type { Agents } from '../connection.ts';
import { authorization, type SigningKeys, type SigningScope } from './signature-v4.ts';
import { sendOnce, type HttpResponse } from './send-once.ts';

/** After a direct call without an outcome, the SDK alone makes the calls of this time: it knows how to wait. */
const PAUSE_MS = 1_000;

/** The parts of a resolved SDK configuration that a direct call needs. */
interface SdkConfig {
  /** Caches the credentials and renews them before they expire. */
  credentials: () => Promise<SigningKeys & { sessionToken?: string | undefined }>;
  /** What the SDK adds to this machine's clock; it learns it from responses. */
  systemClockOffset: number;
}

/** A request that the SDK has signed and sent. */
export interface SdkRequest {
  protocol: string;
  hostname: string;
  port?: number | undefined;
  path: string;
  headers: Readonly<Record<string, string>>;
}

/** How the SDK reaches a bucket or a service: a direct call is made in the same way. */
export interface Route extends SigningScope {
  protocol: string;
  hostname: string;
  port: number | undefined;
  host: string;
}

export interface DirectRequest {
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: Uint8Array;
  limitMs: number;
  signal: AbortSignal | undefined;
  /** A longer body of a response with status 200 is not read. */
  mostBytes?: number | undefined;
}

/** `not-sent`: nothing was sent. `failed`: no complete response arrived, and the call may have taken effect. */
export type DirectOutcome =
  ({ kind: 'answered' } & HttpResponse) | { kind: 'failed'; error: Error } | { kind: 'not-sent' };

const NOTHING_SENT = { kind: 'not-sent' } as const;

/**
 * Makes single tries of calls to AWS without the SDK's middleware, which takes three quarters of a call's CPU time. It
 * decides nothing that the SDK has decided: credentials, clock offset and, by the route, endpoint, addressing and
 * signing region are the SDK's. Never retries; what it gets no outcome for has to be called by the SDK.
 */
export class DirectClient {
  readonly #config: SdkConfig;
  readonly #agents: Agents;
  #pausedUntilMs = -Infinity;

  constructor(config: SdkConfig, agents: Agents) {
    this.#config = config;
    this.#agents = agents;
  }

  /** @param isOutcome says which status codes the caller understands; after any other, calls pause for a while */
  async call(
    route: Route,
    { method, path, headers, body, limitMs, signal, mostBytes }: DirectRequest,
    isOutcome: (status: number) => boolean,
  ): Promise<DirectOutcome> {
    if (performance.now() < this.#pausedUntilMs) return NOTHING_SENT;
    const keys = await this.#config.credentials().catch(() => undefined);
    // The SDK makes the call, and reports what is wrong with the credentials.
    if (keys === undefined || isAborted(signal)) return NOTHING_SENT;
    const payloadHash = hash('sha256', body ?? '');
    const toSign: Record<string, string> = {
      ...headers,
      host: route.host,
      'x-amz-content-sha256': payloadHash,
      'x-amz-date': amzDate(Date.now() + this.#config.systemClockOffset),
    };
    if (body !== undefined) toSign['content-length'] = String(body.byteLength);
    if (keys.sessionToken !== undefined) toSign['x-amz-security-token'] = keys.sessionToken;
    const unsigned = { method, path, headers: toSign, payloadHash };
    const signed = { ...toSign, authorization: authorization(unsigned, keys, route) };
    const agent = route.protocol === 'https:' ? this.#agents.httpsAgent : this.#agents.httpAgent;
    try {
      const response = await sendOnce({
        url: route,
        agent,
        method,
        path,
        headers: { ...signed, 'user-agent': 'labelfleet' },
        body,
        limitMs,
        signal,
        mostBytes,
      });
      if (!isOutcome(response.status)) this.#pause();
      return { kind: 'answered', ...response };
    } catch (error) {
      if (!isAborted(signal)) this.#pause();
      return { kind: 'failed', error: error as Error };
    }
  }

  #pause(): void {
    this.#pausedUntilMs = performance.now() + PAUSE_MS;
  }
}

/** The route of a request of the SDK; undefined if it is not signed in the usual way for this service. */
export function routeOf(
  { protocol, hostname, port, headers }: SdkRequest,
  service: 's3' | 'sqs',
): Route | undefined {
  const scope = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(
    headers['authorization'] ?? '',
  );
  const [, region, signedFor] = scope ?? [];
  // S3 Express, for example, signs for s3express, with other keys.
  if (region === undefined || signedFor !== service) return undefined;
  const host = headers['host'] ?? hostname;
  return { protocol, hostname, port, host, region, service };
}

const isAborted = (signal: AbortSignal | undefined) => signal?.aborted === true;

/** `20261126T153000Z` */
const amzDate = (unixMs: number): string =>
  `${new Date(unixMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
