import type { FleetSnapshot } from '@labelfleet/contracts';

/** Formats the fleet as one line, such as `12 waiting, 3 in flight | 4 workers: 1 booting, 3 busy`. */
export function fleetLine({ queue, workers }: Pick<FleetSnapshot, 'queue' | 'workers'>): string {
  const states = Object.entries(workers).filter(([, count]) => count > 0);
  const total = states.reduce((sum, [, count]) => sum + count, 0);
  const fleet =
    total === 0
      ? 'no worker'
      : `${total} ${total === 1 ? 'worker' : 'workers'}: ${states
          .map(([state, count]) => `${count} ${state}`)
          .join(', ')}`;
  const waiting = queue.backlog + queue.delayed;
  return `${waiting} waiting, ${queue.inFlight} in flight | ${fleet}`;
}
