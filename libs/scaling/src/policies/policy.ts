/** What the policies are asked with. */
interface Demand {
  /** Images that wait or are worked on. */
  images: number;
  imagesPerWorker: number;
}

/** How many workers a policy wants, before any limit, and why: the beginning of a sentence. */
export interface Wanted {
  workers: number;
  because: string;
}

export interface Policy {
  /** How long a worker is idle before it may be released, unless configured. */
  readonly idleBeforeReleaseSeconds: number;
  want(demand: Demand): Wanted;
}
