import * as z from 'zod';

const listed = z.object({ matched: z.number() });

/** Matches the queue or bucket of a call; `*` stands for any text. */
type Where = { queue: string } | { bucket: string };

/** Counts the local cloud's calls by kind. */
export interface CallCounter {
  /** The number of calls of a kind so far. */
  count(name: string): Promise<number>;
  /** Stops counting. */
  clear(): Promise<void>;
}

/**
 * Starts counting, by faults without an effect, whose matches the local cloud counts.
 * @param counted by name: the actions, such as `sqs:SendMessage*`, and their queue or bucket
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
