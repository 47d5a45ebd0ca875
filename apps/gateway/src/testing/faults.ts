/** Sets and clears faults of a local cloud, and counts the calls that they hold. */
export function faultsOf({ endpoint }: { endpoint: string }) {
  const call = async (method: string, path = '', body?: object): Promise<unknown> => {
    const response = await fetch(`${endpoint}/_local/faults${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    async set(fault: object): Promise<string> {
      return ((await call('POST', '', fault)) as { id: string }).id;
    },
    clear: (id: string) => call('DELETE', `/${id}`),
    async held(): Promise<number> {
      return ((await call('GET', '/held')) as { held: unknown[] }).held.length;
    },
  };
}
