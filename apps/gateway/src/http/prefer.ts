/** The preferences of RFC 7240 that the gateway supports. */
interface Preferences {
  respondAsync: boolean;
  waitSeconds: number | undefined;
}

/** Parses a Prefer header. Unknown and malformed preferences are ignored, and the first of two wins (RFC 7240). */
export function parsePrefer(header: string | undefined): Preferences {
  const preferences: Preferences = { respondAsync: false, waitSeconds: undefined };
  for (const [preference] of (header ?? '').matchAll(/(?:[^,"]|"(?:\\.|[^"\\])*")+/g)) {
    const token = (preference.split(';')[0] ?? '').trim().toLowerCase();
    if (token === 'respond-async') preferences.respondAsync = true;
    const wait = /^wait\s*=\s*"?(\d{1,9})"?$/.exec(token);
    if (wait !== null) preferences.waitSeconds ??= Number(wait[1]);
  }
  return preferences;
}

export interface PlannedWait {
  waitMs: number;
  /** Response headers that name the preferences that are applied. */
  headers: { 'preference-applied'?: string };
}

/**
 * How long a request waits for its result: the preferred wait, up to the maximum; no wait for `respond-async` without
 * one; else the default.
 */
export function planWait(
  { respondAsync, waitSeconds }: Preferences,
  { defaultMs, maxMs }: { defaultMs: number; maxMs: number },
): PlannedWait {
  const capped = waitSeconds && Math.min(waitSeconds, Math.floor(maxMs / 1000));
  const applied = [
    ...(respondAsync ? ['respond-async'] : []),
    ...(capped === undefined ? [] : [`wait=${capped}`]),
  ];
  return {
    waitMs: capped !== undefined ? capped * 1000 : respondAsync ? 0 : defaultMs,
    headers: applied.length > 0 ? { 'preference-applied': applied.join(', ') } : {},
  };
}
