import type { S3Client, ServiceInputTypes } from '@aws-sdk/client-s3';
import { reportDirect, type CallObserver } from '../call-observer.ts';
import type { Agents } from '../connection.ts';
import type { PutOptions, PutOutcome, StoredObject } from '../store/object-store.ts';
import { DirectClient, routeOf, type Route, type SdkRequest } from './direct-client.ts';

/** The SDK takes over after this time, and then takes its own. */
const LIMIT_MS = 10_000;
const METADATA = 'x-amz-meta-';

/**
 * GetObject and PutObject as direct calls. `undefined` means that the SDK has to make the call: it makes the first call
 * to each bucket, and all that do not end in an outcome of `ObjectStore`. If such a put took effect nevertheless, the
 * SDK's put is its retry.
 */
export class DirectS3 {
  readonly #client: DirectClient;
  readonly #limitMs: number;
  readonly #observer: CallObserver | undefined;
  /** By bucket. */
  readonly #routes = new Map<string, Route & { pathPrefix: string }>();

  constructor(
    client: S3Client,
    agents: Agents,
    {
      limitMs = LIMIT_MS,
      sdkOnly = false,
      observer,
    }: { limitMs?: number; sdkOnly?: boolean; observer?: CallObserver | undefined },
  ) {
    this.#limitMs = limitMs;
    this.#observer = observer;
    this.#client = new DirectClient(client.config, agents);
    if (sdkOnly) return;
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        // It gets here only if the response was no error.
        this.#learn(args.input, args.request as SdkRequest);
        return result;
      },
      { name: 'learnRoute', step: 'deserialize', priority: 'high' },
    );
  }

  #learn(input: ServiceInputTypes, request: SdkRequest): void {
    if (!('Bucket' in input && 'Key' in input)) return;
    const { Bucket, Key } = input;
    if (Bucket === undefined || Key === undefined || this.#routes.has(Bucket)) return;
    const route = routeOf(request, 's3');
    const key = `/${escapeKey(Key)}`;
    if (route === undefined || !request.path.endsWith(key)) return;
    this.#routes.set(Bucket, { ...route, pathPrefix: request.path.slice(0, -key.length) });
  }

  async put(
    bucket: string,
    key: string,
    body: Uint8Array,
    { contentType, metadata = {}, onlyIf }: PutOptions,
    signal: AbortSignal | undefined,
  ): Promise<PutOutcome | undefined> {
    const headers: Record<string, string> = { 'content-type': contentType };
    for (const [name, value] of Object.entries(metadata))
      headers[METADATA + name.toLowerCase()] = value;
    if (onlyIf === 'absent') headers['if-none-match'] = '*';
    else if (onlyIf !== undefined) headers['if-match'] = onlyIf.etag;
    const isOutcome = (status: number) =>
      status === 200 || (onlyIf !== undefined && status === 412);
    const answer = await this.#call('PUT', bucket, key, headers, isOutcome, signal, { body });
    if (answer?.status === 412) return { kind: 'condition-failed' };
    const etag = answer?.headers.etag;
    return etag === undefined ? undefined : { kind: 'stored', etag };
  }

  /** @param mostBytes of a larger object nothing is read */
  async get(
    bucket: string,
    key: string,
    signal: AbortSignal | undefined,
    mostBytes?: number,
  ): Promise<StoredObject | 'too-large' | null | undefined> {
    const isOutcome = (status: number) => status === 200 || status === 404;
    const answer = await this.#call('GET', bucket, key, {}, isOutcome, signal, { mostBytes });
    if (answer === undefined) return undefined;
    const { status, headers, body, tooLong } = answer;
    if (tooLong) return 'too-large';
    // 404 can also mean that the bucket does not exist.
    if (status === 404) return body.includes('<Code>NoSuchKey</Code>') ? null : undefined;
    const { etag, 'content-type': contentType } = headers;
    if (etag === undefined) return undefined;
    const metadata = Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(METADATA) ? [[name.slice(METADATA.length), String(value)] as const] : [],
    );
    return { body, etag, contentType, metadata: Object.fromEntries(metadata) };
  }

  /** Resolves with an answer that is an outcome, or else with undefined. */
  async #call(
    method: 'GET' | 'PUT',
    bucket: string,
    key: string,
    headers: Record<string, string>,
    isOutcome: (status: number) => boolean,
    signal: AbortSignal | undefined,
    { body, mostBytes }: { body?: Uint8Array; mostBytes?: number | undefined },
  ) {
    const route = this.#routes.get(bucket);
    if (route === undefined) return undefined;
    const request = {
      method,
      path: `${route.pathPrefix}/${escapeKey(key)}`,
      headers,
      limitMs: this.#limitMs,
      signal,
      mostBytes,
      ...(body && { body }),
    };
    const call = {
      service: 's3',
      operation: method === 'GET' ? 'GetObject' : 'PutObject',
      beganAtMs: performance.now(),
    } as const;
    const answer = await this.#client.call(route, request, isOutcome);
    if (answer.kind !== 'answered' || !isOutcome(answer.status)) {
      reportDirect(this.#observer, call, answer, 'repeated');
      signal?.throwIfAborted();
      return undefined;
    }
    reportDirect(this.#observer, call, answer, answer.status === 200 ? 'done' : 'refused');
    return answer;
  }
}

/** Escapes all but the unreserved characters of RFC 3986 and the slashes. */
export const escapeKey = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
