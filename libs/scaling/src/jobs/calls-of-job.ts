import { CALLS_OF_WORKER_SECOND, type Calls } from '../cost.ts';

interface CallRange {
  low: Calls;
  high: Calls;
}

const calls = (some: Partial<Calls>): Calls => ({
  ...{ sqsStandard: 0, sqsFifo: 0, s3Put: 0, s3Get: 0 },
  ...some,
});

/**
 * The calls that a job causes, by what causes them. S3 bills HEAD as GET and LIST as PUT, and nothing for DELETE. High:
 * no call of SQS is shared, visibility is extended, and two workers complete each page.
 */
export const CALLS_OF_JOB: Readonly<
  Record<'image' | 'chunk' | 'page' | 'job' | 'workerSecond' | 'second', CallRange>
> = {
  /** A GET of the image. */
  image: { low: calls({ s3Get: 1 }), high: calls({ s3Get: 1 }) },
  /**
   * GETs: whether the job is stopped, the page, whether there is a part, and the summary of the part when its page is
   * completed. PUTs: the part, and the list of the page's parts. SQS: send, receive, delete.
   */
  chunk: {
    low: calls({ s3Get: 3, s3Put: 2, sqsStandard: 2.1 }),
    high: calls({ s3Get: 5, s3Put: 2, sqsStandard: 5 }),
  },
  /**
   * PUTs: the list of the source, the page, its marker, and the list of all markers. GETs: whether the job is stopped,
   * and whether it is planned.
   */
  page: { low: calls({ s3Put: 4, s3Get: 2 }), high: calls({ s3Put: 7, s3Get: 4 }) },
  /**
   * The objects that are written once: job, list entry, active marker, plan, summary; the plan message, the event, the
   * webhook.
   */
  job: {
    low: calls({ s3Put: 5, s3Get: 5, sqsStandard: 6 }),
    high: calls({ s3Put: 20, s3Get: 60, sqsStandard: 12 }),
  },
  /** Heartbeats, and polls of the request queue between two chunks. */
  workerSecond: {
    low: CALLS_OF_WORKER_SECOND,
    high: calls({ sqsStandard: CALLS_OF_WORKER_SECOND.sqsStandard + 0.2 }),
  },
  /**
   * Every 10 s the scaler lists the active jobs and the markers of each, reads whether it is stopped, and looks at the
   * batch queue and its dead letters. High: more than 1,000 pages, which are being listed.
   */
  second: {
    low: calls({ s3Put: 0.2, s3Get: 0.1, sqsStandard: 0.2 }),
    high: calls({ s3Put: 0.4, s3Get: 0.3, sqsStandard: 0.2 }),
  },
};

/** How many there are of each cause. */
export type CallCauses = Readonly<Record<keyof typeof CALLS_OF_JOB, number>>;

/** The calls of a job. */
export function callsOfJob(causes: CallCauses, bound: 'low' | 'high'): Calls {
  const sum = calls({});
  for (const [cause, count] of Object.entries(causes) as [keyof CallCauses, number][])
    for (const kind of Object.keys(sum) as (keyof Calls)[])
      sum[kind] += count * CALLS_OF_JOB[cause][bound][kind];
  return sum;
}
