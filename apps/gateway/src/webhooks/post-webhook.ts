import { explain, withTimeLimit, type Clock } from '@labelfleet/runtime';
import { once } from 'node:events';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isAllowedAddress } from './allowed-address.ts';

/** From the resolution of the host's name to the end of the response. */
const TIME_LIMIT_MS = 15_000;
/** The most that is read of a response, whose body is ignored. */
const MAX_RESPONSE_BYTES = 65_536;

export interface PostDeps {
  /** Resolves a host's name, as `lookup` of node:dns. */
  lookup: LookupFunction;
  allowLoopback: boolean;
  clock: Pick<Clock, 'sleep'>;
}

export type Posted = { kind: 'accepted' } | { kind: 'failed'; error: string };

/**
 * Posts a webhook. Follows no redirect. Connects only to public addresses: each address is checked after its resolution
 * and right before the connection to it, so no later resolution can lead elsewhere.
 * @throws the signal's reason when it is aborted
 */
export async function postWebhook(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  { lookup, allowLoopback, clock }: PostDeps,
  signal: AbortSignal,
): Promise<Posted> {
  // Node resolves no IP address.
  const address = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && !isAllowedAddress(address, allowLoopback))
    return { kind: 'failed', error: refusal(address) };
  const error = () => new Error(`The receiver did not answer within ${TIME_LIMIT_MS / 1000} s.`);
  let limit = signal;
  try {
    return await withTimeLimit(
      { clock, ms: TIME_LIMIT_MS, error, signal },
      async (limited): Promise<Posted> => {
        limit = limited;
        const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
          method: 'POST',
          // A new connection, whose address is checked.
          agent: false,
          lookup: checkedLookup(lookup, allowLoopback),
          signal: limited,
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'user-agent': 'labelfleet-webhooks',
          },
        });
        request.end(body);
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        await discardBody(response);
        return judgeStatus(response.statusCode ?? 0);
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    // Node's own error would say only that the request was aborted.
    return { kind: 'failed', error: explain(limit.aborted ? limit.reason : error) };
  }
}

function judgeStatus(status: number): Posted {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  const hint = status >= 300 && status < 400 ? ' Redirects are not followed.' : '';
  return { kind: 'failed', error: `The receiver answered ${status}.${hint}` };
}

/** Never rejects: the status is the answer, so a body that is long, slow or broken does not matter. */
async function discardBody(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_RESPONSE_BYTES) return;
    }
  } catch {
    response.destroy();
  }
}

/** Resolves a name only if all its addresses are allowed. */
const checkedLookup =
  (lookup: LookupFunction, allowLoopback: boolean): LookupFunction =>
  (host, options, callback) =>
    lookup(host, options, (error, addresses, family) => {
      if (error) return callback(error, addresses, family);
      const found = typeof addresses === 'string' ? [addresses] : addresses.map((a) => a.address);
      const refused = found.find((address) => !isAllowedAddress(address, allowLoopback));
      if (refused === undefined) return callback(null, addresses, family);
      return callback(new Error(refusal(refused)), addresses, family);
    });

const refusal = (address: string) =>
  `${address} is no address of the public internet, so no webhook is sent there.`;
