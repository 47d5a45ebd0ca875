/** The outcome of a call for its client. Unknown: the server was killed, so the call may have had its effect or not. */
export type Attempt<T> =
  { kind: 'done'; value: T } | { kind: 'refused'; code: string } | { kind: 'unknown' };

/** Runs a call of an SDK client without retries. */
export async function attempt<T>(call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: 'done', value: await call() };
  } catch (error) {
    const refused = isRefusal(error);
    return refused ? { kind: 'refused', code: String(error) } : { kind: 'unknown' };
  }
}

function isRefusal(error: unknown): boolean {
  const metadata = error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? Number(metadata.httpStatusCode)
      : 0;
  return status >= 400 && status < 500;
}
