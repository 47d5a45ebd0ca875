import type { CallOptions } from '../call.ts';
import { systemClock, type Clock } from '../clock.ts';
import { targetOf, type ClientOptions } from '../target.ts';
import { download } from './download.ts';
import { createJobCalls, type JobCalls } from './job-calls.ts';
import type { JobLine } from './wire.ts';

export {
  createJobCalls,
  isCompletedJob,
  type JobCalls,
  type CreateJobOptions,
} from './job-calls.ts';
export type * from './wire.ts';

export interface DownloadOptions extends CallOptions {
  /** Default: `jsonl`. */
  format?: 'jsonl' | 'csv' | undefined;
}

/** Calls labelfleet about jobs, and repeats every call as the client does. */
export interface Jobs extends JobCalls {
  /** The results so far, failed images included, in the order of the source. */
  results(id: string, options?: CallOptions): AsyncGenerator<JobLine, void>;
  /** The results of the images that failed. */
  errors(id: string, options?: CallOptions): AsyncGenerator<JobLine, void>;
  /** Results or errors as the bytes of a file. */
  download(
    id: string,
    what: 'results' | 'errors',
    options?: DownloadOptions,
  ): AsyncGenerator<Uint8Array, void>;
}

export function createJobs(options: ClientOptions, clock: Clock = systemClock): Jobs {
  const target = targetOf(options, clock);
  const downloadFile: Jobs['download'] = (id, what, { format = 'jsonl', ...options } = {}) =>
    download(
      target,
      { path: `v1/jobs/${id}/${what}?format=${format}`, headers: { accept: '*/*' } },
      options,
    );
  return {
    ...createJobCalls(options, clock),
    results: (id, options) => lines(downloadFile(id, 'results', options)),
    errors: (id, options) => lines(downloadFile(id, 'errors', options)),
    download: downloadFile,
  };
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JobLine, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const [first = '', ...more] = decoder.decode(chunk, { stream: true }).split('\n');
    const complete = [rest + first, ...more];
    rest = complete.pop() ?? '';
    for (const line of complete) if (line !== '') yield JSON.parse(line) as JobLine;
  }
  if (rest !== '') yield JSON.parse(rest) as JobLine;
}
