import { streamBytes } from '../http/stream-bytes.ts';

/** An event of an event stream (the HTML standard calls it a server-sent event). `data` becomes JSON in one line. */
export const eventText = (event: string, data: unknown, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

/** Keeps proxies from closing a silent connection. */
export const PING = ': ping\n\n';

/** A client that lost the connection comes back after this time, at any gateway. */
export const RETRY = 'retry: 2000\n\n';

const HEADERS = {
  'content-type': 'text/event-stream',
  // A proxy that compresses would hold events back.
  'cache-control': 'no-store, no-transform',
  // nginx holds responses back otherwise.
  'x-accel-buffering': 'no',
};

/**
 * Responds with the texts that a generator yields. It is asked for the next one only when the client has taken the
 * last, so that a slow client makes nothing pile up.
 * @param produce ends when its signal is aborted, because the client has left
 */
export function eventStream(produce: (left: AbortSignal) => AsyncGenerator<string>): Response {
  const left = new AbortController();
  const body = streamBytes(encoded(produce(left.signal)), () => left.abort());
  return new Response(body, { headers: HEADERS });
}

async function* encoded(texts: AsyncGenerator<string>): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}
