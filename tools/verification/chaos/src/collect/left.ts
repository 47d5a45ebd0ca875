import type { Queue } from '@labelfleet/aws/queue';
import type { FleetWatch } from '../watch/fleet-watch.ts';

/** What must be empty before the product may be said to be at rest. */
export interface Resting {
  /** By name. */
  queues: Readonly<Record<string, Pick<Queue, 'depth'>>>;
  fleet: Pick<FleetWatch, 'look' | 'living'>;
}

/** Messages that nobody has dealt with and instances that nobody has released; empty: all is at rest. */
export async function whatIsLeft({ queues, fleet }: Resting): Promise<string[]> {
  await fleet.look();
  const messages = await Promise.all(
    Object.entries(queues).map(async ([name, queue]) => {
      const { visible, inFlight, delayed } = await queue.depth();
      return { name, count: visible + inFlight + delayed };
    }),
  );
  return [
    ...fleet.living.map(({ id, state }) => `instance ${id} (${state})`),
    ...messages
      .filter(({ count }) => count > 0)
      .map(({ name, count }) => `${count} messages on the queue ${name}`),
  ];
}
