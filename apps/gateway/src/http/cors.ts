/** Every header that a route reads and that a page must ask for. */
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-none-match',
  'last-event-id',
  'notify',
  'prefer',
  'traceparent',
  'x-deadline-seconds',
].join(', ');

const RESPONSE_HEADERS = [
  'etag',
  'idempotency-replayed',
  'location',
  'preference-applied',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'www-authenticate',
  'x-job-status',
  'x-request-id',
].join(', ');

/** Browsers keep a preflight's answer for at most two hours (Chromium). */
const PREFLIGHT_SECONDS = 7_200;

/** The origins whose pages may call the gateway; `*` is all. */
export type Origins = ReadonlySet<string>;

export const isAllowed = (origins: Origins, origin: string): boolean =>
  origins.has('*') || origins.has(origin);

/** Adds what the browser of another origin's page needs. Credentials are never allowed: keys are sent as headers. */
export function addCorsHeaders(
  headers: Headers,
  { method, header }: { method: string; header: (name: string) => string | undefined },
  origins: Origins,
): void {
  if (origins.size === 0) return;
  headers.append('vary', 'origin');
  const origin = header('origin');
  if (origin === undefined || !isAllowed(origins, origin)) return;
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-expose-headers', RESPONSE_HEADERS);
  if (method !== 'OPTIONS' || header('access-control-request-method') === undefined) return;
  headers.set('access-control-allow-methods', headers.get('allow') ?? '');
  headers.set('access-control-allow-headers', REQUEST_HEADERS);
  headers.set('access-control-max-age', String(PREFLIGHT_SECONDS));
}

/** @returns what is wrong with a comma list of origins */
export function parseOrigins(text: string): { value: Origins } | { wrong: string } {
  const origins = text.split(',').map((part) => part.trim());
  const wrong = origins.find((origin) => origin !== '*' && !isOrigin(origin));
  return wrong === undefined
    ? { value: new Set(origins) }
    : { wrong: `${wrong} is no origin; write https://example.com, or * for all` };
}

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;
