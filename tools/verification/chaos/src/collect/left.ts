import type { Queue } from '@labelfleet/aws/queue';
import type { FleetWatch } from '../watch/fleet-watch.ts';

/** The queues and the fleet, which are empty when the product is idle. */
export interface IdleProbe {
  /** By name. */
  queues: Readonly<Record<string, Pick<Queue, 'depth'>>>;
  fleet: Pick<FleetWatch, 'read' | 'living'>;
}

/** The messages and instances that still exist; empty when the product is idle. */
export async function whatIsLeft({ queues, fleet }: IdleProbe): Promise<string[]> {
  await fleet.read();
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
