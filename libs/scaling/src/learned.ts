/** Boot times and service times learned from heartbeats. */
export interface Learned {
  /** Seconds from launch to process start of the last boots, oldest first. */
  bootSeconds: readonly number[];
  /** Images completed and the busy seconds that workers spent on them; older ones weigh less. */
  images: number;
  busySeconds: number;
  /** The same while all slots of a worker were in use, which shows its maximum speed. */
  fullImages: number;
  fullSeconds: number;
  /**
   * Images of jobs, and the seconds that a worker with nothing else to do needs for them; older ones weigh less.
   * Absent before the first.
   */
  jobs?: { images: number; seconds: number };
}

export const NOTHING_LEARNED: Learned = {
  bootSeconds: [],
  images: 0,
  busySeconds: 0,
  fullImages: 0,
  fullSeconds: 0,
};

export const BOOTS_REMEMBERED = 20;
/** A sample has half its weight after this many further images. */
const HALF_LIFE_IMAGES = 200;
/** The same for images of jobs, of which there are many. */
const HALF_LIFE_JOB_IMAGES = 2000;

export function learnBoot(learned: Learned, seconds: number): Learned {
  return {
    ...learned,
    bootSeconds: [...learned.bootSeconds, Math.max(0, seconds)].slice(-BOOTS_REMEMBERED),
  };
}

/** With fewer images than this, the service time of full workers is noise. */
const LEAST_FULL_IMAGES = 5;

/** What one worker did in some time; `full…` is the part during which all its slots were in use. */
export interface Work {
  images: number;
  busySeconds: number;
  fullImages: number;
  fullSeconds: number;
}

export function learnService(learned: Learned, work: Work): Learned {
  const fade = 0.5 ** (work.images / HALF_LIFE_IMAGES);
  const fullFade = 0.5 ** (work.fullImages / HALF_LIFE_IMAGES);
  return {
    ...learned,
    images: learned.images * fade + work.images,
    busySeconds: learned.busySeconds * fade + work.busySeconds,
    fullImages: learned.fullImages * fullFade + work.fullImages,
    fullSeconds: learned.fullSeconds * fullFade + work.fullSeconds,
  };
}

/** @param seconds that classifier processes spent on them, divided by the number of processes of a worker */
export function learnJobImages(learned: Learned, images: number, seconds: number): Learned {
  const { jobs = { images: 0, seconds: 0 } } = learned;
  if (images <= 0) return learned;
  const fade = 0.5 ** (images / HALF_LIFE_JOB_IMAGES);
  return {
    ...learned,
    jobs: { images: jobs.images * fade + images, seconds: jobs.seconds * fade + seconds },
  };
}

/** Seconds per image of a job of a worker with nothing else to do; null before the first. */
export const jobImageSeconds = ({ jobs }: Learned): number | null =>
  jobs === undefined || jobs.images <= 0 ? null : jobs.seconds / jobs.images;

/**
 * Busy seconds of one worker per image, all its slots together; null before the first image. A worker with little
 * load processes one image at a time and needs longer for each, so the time of full workers counts once it is
 * known. If images have become heavier since, a backlog builds up and fills the workers again.
 */
export function serviceSeconds(learned: Learned): number | null {
  const { images, busySeconds, fullImages, fullSeconds } = learned;
  if (images <= 0) return null;
  const mean = busySeconds / images;
  return fullImages < LEAST_FULL_IMAGES ? mean : Math.min(mean, fullSeconds / fullImages);
}

/** The quantile of the last boot times (nearest rank); null before the first boot. */
export function bootSeconds(learned: Learned, share: number): number | null {
  const sorted = learned.bootSeconds.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
