/** What the fleet's own reports taught about boots and about the work. */
export interface Learned {
  /** Seconds from launch to the first report, the last boots, oldest first. */
  bootSeconds: readonly number[];
  /** Images settled and the busy seconds of workers they took; older ones weigh less. */
  images: number;
  busySeconds: number;
}

export const NOTHING_LEARNED: Learned = { bootSeconds: [], images: 0, busySeconds: 0 };

const BOOTS_REMEMBERED = 20;
/** After this many further images a sample has half its weight. */
const HALF_LIFE_IMAGES = 200;

export function learnBoot(learned: Learned, seconds: number): Learned {
  return {
    ...learned,
    bootSeconds: [...learned.bootSeconds, Math.max(0, seconds)].slice(-BOOTS_REMEMBERED),
  };
}

/** @param busySeconds of one worker, in which it settled `images` */
export function learnService(learned: Learned, images: number, busySeconds: number): Learned {
  const fade = 0.5 ** (images / HALF_LIFE_IMAGES);
  return {
    ...learned,
    images: learned.images * fade + images,
    busySeconds: learned.busySeconds * fade + busySeconds,
  };
}

/** Busy seconds of one worker per image, all its slots together; null before the first image. */
export const serviceSeconds = (learned: Learned): number | null =>
  learned.images > 0 ? learned.busySeconds / learned.images : null;

/** The boot time that this share of the last boots stayed within (nearest rank); null before the first. */
export function bootSeconds(learned: Learned, share: number): number | null {
  const sorted = learned.bootSeconds.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
