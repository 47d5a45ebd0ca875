import type { Broken } from './check.ts';
import type { Evidence } from './evidence.ts';

/**
 * The largest number of instances that existed at once, by the listings: each existed from its launch to the
 * last listing that showed it alive.
 */
export function peakOf(fleet: Evidence['fleet']): { peak: number; atMs: number; ids: string[] } {
  const lives = new Map<string, { from: number; to: number }>();
  for (const [index, { instances }] of fleet.entries()) {
    // Only the time of the listing itself is certain.
    const at = fleet[index]?.at ?? 0;
    for (const { id, state, launchedAt } of instances)
      if (state !== 'terminated') lives.set(id, { from: launchedAt, to: Math.max(at, launchedAt) });
  }
  const moments = Array.from(lives.values(), ({ from }) => from);
  const at = (ms: number) =>
    [...lives].filter(([, { from, to }]) => from <= ms && ms <= to).map(([id]) => id);
  return moments
    .map((ms) => ({ atMs: ms, ids: at(ms), peak: at(ms).length }))
    .reduce((most, each) => (each.peak > most.peak ? each : most), { peak: 0, atMs: 0, ids: [] });
}

/** Counts all instances that are not yet terminated, in any state (F3). */
export function findTooMany({ fleet, maxWorkers }: Evidence): Broken[] {
  const { peak, atMs, ids } = peakOf(fleet);
  if (peak <= maxWorkers) return [];
  const what = `${peak} instances where ${maxWorkers} are allowed: ${ids.join(', ')}`;
  return [[new Date(atMs).toISOString(), what]];
}

/**
 * A terminated worker has drained (F6), unless it was silent (F7): the lease names silent workers before they
 * are terminated.
 */
export function findBusyStopped({ logs, leases }: Evidence): Broken[] {
  const silent = new Set(
    leases.flatMap(({ terminates }) =>
      Object.entries(terminates)
        .filter(([, reason]) => reason !== 'drained')
        .map(([id]) => id),
    ),
  );
  const states = new Map<string, string>();
  const findings: Broken[] = [];
  for (const { role, name, event, state, reason } of logs) {
    if (role !== 'worker') continue;
    if (event === 'worker.state') states.set(name, state ?? '');
    const isTerminated = event === 'app.stopping' && reason === 'SIGTERM';
    if (!isTerminated || silent.has(name) || states.get(name) === 'drained') continue;
    findings.push([name, `was terminated while it was ${states.get(name) ?? 'working'}`]);
  }
  return findings;
}
