import type { Job } from '@labelfleet/client/jobs';

/** True until each image has its line, or is left out. */
export const isOpen = ({ completedAt }: Pick<Job, 'completedAt'>): boolean =>
  completedAt === undefined;

/** What came of the form that starts jobs. */
interface JobAnswer {
  isRefusal: boolean;
  text: string;
  /** What the text rests on; may be empty. */
  more: string;
}

export interface JobsState {
  /** The newest first. */
  readonly list: readonly Job[];
  /** True if there are older ones than the list has. */
  readonly hasOlder: boolean;
  readonly answer?: JobAnswer | undefined;
  /** What came of the last click on a card. */
  readonly note?: { readonly id: string; readonly text: string };
  /** The job that was completed last, while the page was open. */
  readonly ended?: Job;
}

export type JobsEvent =
  | { kind: 'jobs-read'; jobs: readonly Job[]; hasOlder: boolean }
  | { kind: 'job-read'; job: Job }
  | { kind: 'job-answered'; answer: JobAnswer | undefined }
  | { kind: 'job-noted'; id: string; text: string };

const NONE: JobsState = { list: [], hasOlder: false };

/** @param before undefined: it is not known whether the gateway has jobs */
export function reduceJobs(before: JobsState = NONE, event: JobsEvent): JobsState {
  switch (event.kind) {
    case 'jobs-read': {
      const { jobs, hasOlder } = event;
      return jobs.reduce(withJob, { ...before, hasOlder, list: before.list.filter(isIn(jobs)) });
    }
    case 'job-read':
      return withJob(before, event.job);
    case 'job-answered':
      return { ...before, answer: event.answer };
    case 'job-noted':
      return { ...before, note: { id: event.id, text: event.text } };
  }
}

const isIn = (jobs: readonly Job[]) => (job: Job) => jobs.some(({ id }) => id === job.id);

/** Ids of jobs are in the order of their creation. An answer that comes late does not open a completed job again. */
function withJob(jobs: JobsState, job: Job): JobsState {
  const known = jobs.list.find(({ id }) => id === job.id);
  const wasOpen = known !== undefined && isOpen(known);
  if (known !== undefined && !wasOpen && isOpen(job)) return jobs;
  const list = [job, ...jobs.list.filter((one) => one !== known)];
  list.sort((a, b) => (a.id < b.id ? 1 : -1));
  return { ...jobs, list, ...(wasOpen && !isOpen(job) && { ended: job }) };
}
