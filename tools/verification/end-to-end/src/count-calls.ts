import * as z from 'zod';

const listed = z.object({ matched: z.number() });

/** What a call is about: a queue or a bucket of the product, `*` for any text. */
type Where = { queue: string } | { bucket: string };

/** Counts calls of the local cloud, each kind by itself. */
export interface CallCounter {
  /** Calls so far of a kind that is counted. */
  count(name: string): Promise<number>;
  /** Counts no more. */
  clear(): Promise<void>;
}

/**
 * Counts from now on, by faults that do nothing: they tell how often they matched.
 * @param counted by name: the actions, such as `sqs:SendMessage*`, and where
 */
export async function countCalls(
  endpoint: string,
  counted: Readonly<Record<string, { actions: string[]; where: Where }>>,
): Promise<CallCounter> {
  const url = `${endpoint}/_local/faults`;
  for (const [id, { actions, where }] of Object.entries(counted)) {
    const fault = { id, kind: 'latency', seconds: 0, action: actions, match: where };
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(fault) });
    if (!response.ok) throw new Error(`${id} cannot be counted: ${await response.text()}`);
  }
  return {
    async count(name) {
      return listed.parse(await (await fetch(`${url}/${name}`)).json()).matched;
    },
    async clear() {
      await fetch(url, { method: 'DELETE' });
    },
  };
}
