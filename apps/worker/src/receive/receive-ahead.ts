/** SQS delivers at most 10 messages in one receive. */
const MAX_MESSAGES = 10;
/** Messages are received ahead only as far as they can be finished in this time, so that other workers get the rest. */
const AHEAD_MS = 1_000;
/** A receive and the fetch of its images take about this long. Requests received before keep the worker busy meanwhile. */
const RECEIVE_MS = 50;
/** The weight of the newest image in the mean. */
const NEWEST = 0.1;

/** The mean of the time that an image takes, in milliseconds. @param meanMs undefined before the first image */
export const nextMeanMs = (meanMs: number | undefined, imageMs: number): number =>
  meanMs === undefined ? imageMs : meanMs + NEWEST * (imageMs - meanMs);

/** How many images all processes of a worker classify in a millisecond; 0 before the first one. */
export const imagesPerMs = (processes: number, meanMs: number | undefined): number =>
  meanMs === undefined ? 0 : processes / Math.max(meanMs, 1);

/**
 * How many messages to receive now. It is 0 while the open requests last longer than a receive takes: so a busy worker
 * receives up to ten messages at once, and one with a slow model receives none ahead.
 * @param open requests received and not completed
 */
export function messagesToReceive(slots: number, open: number, perMs: number): number {
  const enough = Math.max(slots, slots - 1 + Math.ceil(perMs * RECEIVE_MS));
  if (open >= enough) return 0;
  const most = Math.max(
    slots,
    Math.min(enough + MAX_MESSAGES, slots + Math.floor(perMs * AHEAD_MS)),
  );
  return Math.min(most - open, MAX_MESSAGES);
}
