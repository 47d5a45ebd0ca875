import { randomBytes, randomInt } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import type { Instance } from '../ec2/instances/instance.ts';
import { closeServer, listen, portOf, type Handler } from '../server.ts';
import { readMetadata } from './metadata-tree.ts';

const TOKEN_HEADER = 'x-aws-ec2-metadata-token';
const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';
const LONGEST_TTL_SECONDS = 21_600;

/** If this many consecutive ports are in use, something is wrong. */
const MOST_ATTEMPTS = 100;

export interface Metadata {
  readonly port: number;
  /** The value for AWS_EC2_METADATA_SERVICE_ENDPOINT. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Serves instance metadata (IMDSv2 only: every read needs a session token) on one port per instance.
 * @param port any free port if undefined
 * @throws StartError if the port is in use
 */
export async function startMetadata(
  instance: Instance,
  region: string,
  onFailure: (error: unknown) => void,
  port?: number,
): Promise<Metadata> {
  const tokens = new Map<string, { untilMs: number }>();
  const handle: Handler = async (request, response) =>
    answer(request, response, { instance, region, tokens });
  const server =
    port === undefined
      ? await listenOutOfTheWay(handle, onFailure)
      : await listen(port, handle, onFailure);
  return {
    port: portOf(server),
    endpoint: metadataEndpoint(portOf(server)),
    close: () => closeServer(server),
  };
}

export const metadataEndpoint = (port: number) => `http://127.0.0.1:${port}`;

/**
 * Lies below the ports that Linux gives to outgoing connections (32768 and up), because such a connection could occupy
 * the port when a restart needs it again.
 */
async function listenOutOfTheWay(
  handle: Handler,
  onFailure: (error: unknown) => void,
): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listen(randomInt(20_000, 32_000), handle, onFailure);
    } catch (error) {
      if (attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

interface Session {
  readonly instance: Instance;
  readonly region: string;
  readonly tokens: Map<string, { untilMs: number }>;
}

function answer(request: IncomingMessage, response: ServerResponse, session: Session): void {
  request.resume();
  // Clients append `/latest/...` to an endpoint that may end with a slash.
  const path = (request.url ?? '').replace(/^\/+/, '').replace(/\?.*$/, '');
  if (request.method === 'PUT' && path === 'latest/api/token') {
    issueToken(request, response, session.tokens);
  } else if (request.method !== 'GET') {
    send(response, 405, '');
  } else if (!hasToken(request, session.tokens)) {
    send(response, 401, '');
  } else {
    const found = path.startsWith('latest/')
      ? readMetadata(session.instance, path.slice('latest/'.length), {
          region: session.region,
          nowMs: Date.now(),
        })
      : null;
    send(response, found === null ? 404 : 200, found ?? '');
  }
}

function issueToken(
  request: IncomingMessage,
  response: ServerResponse,
  tokens: Session['tokens'],
): void {
  const seconds = Number(request.headers[TTL_HEADER]);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_TTL_SECONDS) {
    send(response, 400, '');
    return;
  }
  const nowMs = Date.now();
  for (const [token, { untilMs }] of tokens) if (untilMs <= nowMs) tokens.delete(token);
  const token = randomBytes(32).toString('base64url');
  tokens.set(token, { untilMs: nowMs + seconds * 1000 });
  send(response, 200, token, { [TTL_HEADER]: String(seconds) });
}

function hasToken(request: IncomingMessage, tokens: Session['tokens']): boolean {
  const token = tokens.get(String(request.headers[TOKEN_HEADER]));
  return token !== undefined && token.untilMs > Date.now();
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
