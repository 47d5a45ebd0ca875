import type { FleetSnapshot } from '@labelfleet/contracts';

/**
 * About how many images are ahead of a request, as if the queue kept their order. The request is the n-th arrival;
 * the images that were completed by the time of the snapshot are no longer ahead. Images that arrive later never
 * count. If the history does not reach back to the arrival, the place is that of the oldest sample at most.
 * @param submittedMs Unix milliseconds
 */
export function imagesAhead(
  { at, queue, history }: Pick<FleetSnapshot, 'at' | 'queue' | 'history'>,
  submittedMs: number,
): number {
  const open = queue.backlog + queue.inFlight;
  if (submittedMs >= Date.parse(at)) return open;
  const samples = history.flatMap(({ completed, ...sample }) =>
    completed === undefined
      ? []
      : [{ atMs: Date.parse(sample.at), completed, open: sample.backlog + sample.inFlight }],
  );
  const last = samples.at(-1);
  if (last === undefined) return Math.max(0, open - 1);
  // The newest sample is up to 2 s older than the snapshot, which has no count of completed images.
  const arrivals = [...samples, { ...last, atMs: Date.parse(at), open }].map((sample) => ({
    atMs: sample.atMs,
    count: sample.open + sample.completed,
  }));
  const place = interpolate(arrivals, submittedMs) - last.completed;
  return Math.round(Math.min(Math.max(0, place), Math.max(0, open - 1)));
}

/** The count at a time, on the straight line between the samples before and after it. */
function interpolate(samples: readonly { atMs: number; count: number }[], atMs: number): number {
  const next = samples.findIndex((sample) => sample.atMs >= atMs);
  const [before, after] = [samples[next - 1], samples[next]];
  if (after === undefined) return samples.at(-1)?.count ?? 0;
  if (before === undefined) return after.count;
  const share = (atMs - before.atMs) / (after.atMs - before.atMs);
  return before.count + share * (after.count - before.count);
}
