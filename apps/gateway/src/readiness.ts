import { pause } from './pause.ts';
import type { ListenerState } from './reply-listener.ts';

const CHECK_WITHIN_MS = 3_000;

export interface ReadinessParts {
  listener: { readonly state: ListenerState };
  /** What must be reachable, by its name. Each rejects where it is not. */
  reachable: Readonly<Record<string, () => Promise<unknown>>>;
}

/** Why this gateway cannot take work now; empty when it can. */
export async function whyNotReady({ listener, reachable }: ReadinessParts): Promise<string[]> {
  const checks = await Promise.all(
    Object.entries(reachable).map(async ([name, check]) =>
      (await succeeds(check)) ? [] : [`${name} cannot be reached`],
    ),
  );
  const listening =
    listener.state === 'listening' ? [] : [`the reply listener is ${listener.state}`];
  return [...listening, ...checks.flat()];
}

async function succeeds(check: () => Promise<unknown>): Promise<boolean> {
  const settled = new AbortController();
  try {
    return await Promise.race([
      check().then(
        () => true,
        () => false,
      ),
      pause(CHECK_WITHIN_MS, settled.signal).then(() => false),
    ]);
  } finally {
    settled.abort();
  }
}
