import type { Queue } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';
import type { JobStore } from '@labelfleet/jobs';
import type { Clock, Logger } from '@labelfleet/runtime';

/** What the planning and the completion of jobs work with. */
export interface JobDeps {
  jobs: JobStore;
  /** Opens a bucket: the source or the destination of a job. */
  openBucket: (bucket: string) => ObjectStore;
  /** The outbox queue; undefined if none is configured. */
  webhooks: Pick<Queue, 'send'> | undefined;
  isTransient: (error: unknown) => boolean;
  /** 0 to 1. */
  random: () => number;
  clock: Clock;
  log: Logger;
}

/** What ends the handling of a message before it is finished. */
export interface HandlingEnds {
  /** Aborted when the message has to be released. */
  signal: AbortSignal;
  /** True once another worker may have received the message. */
  lapsed: () => boolean;
}
