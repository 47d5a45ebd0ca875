/** What a caller prefers (RFC 7240), as far as it is understood here. */
interface Preferences {
  respondAsync: boolean;
  waitSeconds: number | undefined;
}

/** Parses a Prefer header. What is unknown or malformed is ignored, and the first of two stands, as the RFC says. */
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
  /** For the answer: what was preferred and is followed. */
  headers: { 'preference-applied'?: string };
}

/**
 * How long a request waits for its result. A wait that is preferred stands, up to the longest allowed;
 * `respond-async` without one waits not at all.
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
