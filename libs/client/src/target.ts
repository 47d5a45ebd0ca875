import type { Clock } from './clock.ts';

export interface ClientOptions {
  /** Where the gateway is: `https://labels.example/`, also below a path. */
  url: string | URL;
  apiKey?: string | undefined;
  fetch?: typeof fetch | undefined;
  /** How long a call may fail before it is given up. Default: 5 minutes. */
  giveUpAfterMs?: number | undefined;
}

/** The gateway that calls go to. */
export interface Target {
  /** Ends with a slash. */
  readonly baseUrl: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly giveUpAfterMs: number;
  readonly clock: Clock;
}

const GIVE_UP_AFTER_MS = 300_000;

export const targetOf = (
  { url, apiKey, fetch: given, giveUpAfterMs = GIVE_UP_AFTER_MS }: ClientOptions,
  clock: Clock,
): Target => ({
  baseUrl: new URL(String(url).replace(/\/?([?#].*)?$/, '/')),
  headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  // A browser's fetch must not be called as a method of another object.
  fetch: given ?? ((...args) => fetch(...args)),
  giveUpAfterMs,
  clock,
});
