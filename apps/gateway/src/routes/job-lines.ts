import { isDenied } from '@labelfleet/aws/errors';
import type { ObjectStore } from '@labelfleet/aws/store';
import type { StoredJob } from '@labelfleet/contracts';
import { PartStore, type JobStore } from '@labelfleet/jobs';
import type { Logger } from '@labelfleet/runtime';
import type { Handler } from 'hono';
import { entityTag, hasVersion, versioned } from '../http/cacheable.ts';
import { refusalResponse, refuse } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import { streamBytes } from '../http/stream-bytes.ts';
import { csvHeader, toCsv } from '../jobs/results/job-csv.ts';
import { LinesMissingError, readLines, type LineKind } from '../jobs/results/read-lines.ts';
import { isCompleted, jobView } from '../jobs/look/job-view.ts';
import { findJob, noJob, scopeOf, type ReadJobDeps } from './job.ts';
import { jobLinesQuery } from './job-parameters.ts';
import { parse } from './read-parameters.ts';

export interface JobLinesDeps extends ReadJobDeps {
  jobs: Pick<JobStore, 'donePages'>;
  storeOf: (bucket: string) => ObjectStore;
}

type Format = 'jsonl' | 'csv';

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  jsonl: 'application/jsonl',
  csv: 'text/csv; charset=utf-8; header=present',
};

/**
 * Streams the lines of a job, in the order of its source. Of a job that is not completed it has those that there are so
 * far: the file is named so, has no ETag, and `X-Job-Status` says it.
 */
export const readJobLines =
  (deps: JobLinesDeps, kind: LineKind): Handler<GatewayEnv> =>
  async (c) => {
    const { requestId, log } = c.var;
    const query = parse(jobLinesQuery, (name) => c.req.query(name));
    if ('code' in query) return refusalResponse(query, requestId);
    const job = await findJob(deps, c);
    if (job === undefined) return noJob(c);
    const { format } = query.value;
    const seen = await deps.jobLooks.look(job);
    // A caller that has just read that the job is completed gets the whole file.
    if (!isCompleted(seen)) deps.jobLooks.forgetLook(job);
    const state = await deps.jobLooks.look(job);
    const { status } = jobView(state, await scopeOf(deps, c.var));
    const isWhole = isCompleted(state);
    const name = `job-${job.id}-${kind}${isWhole ? '' : '-so-far'}.${format}`;
    const described = {
      'content-type': CONTENT_TYPES[format],
      'content-disposition': `attachment; filename="${name}"`,
      'x-job-status': status,
    };
    // Parts are written once, so the lines of a completed job never change.
    const etag = entityTag(name);
    const headers = isWhole
      ? versioned(described, etag)
      : { ...described, 'cache-control': 'no-store' };
    if (isWhole && hasVersion(c.req.header('if-none-match'), etag))
      return c.body(null, 304, headers);
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    const left = new AbortController();
    const signal = AbortSignal.any([left.signal, c.req.raw.signal]);
    const lines = readLines(
      new PartStore(job, deps.storeOf),
      {
        kind,
        done: await deps.jobs.donePages(job.id),
        pages: state.plan?.pages ?? Infinity,
        total: state.summary?.counts,
      },
      signal,
    );
    const body = inFormat(lines, job, format);
    try {
      // A failure before the first line can still be answered with its own status.
      const first = await body.next();
      const stream = streamBytes(logged(first, body, { signal, log, job }), () => left.abort());
      return c.body(stream, 200, headers);
    } catch (error) {
      if (error instanceof LinesMissingError)
        return refusalResponse(refuse('not-found', gone(job, error)), requestId);
      if (!isDenied(error)) throw error;
      return refusalResponse(
        refuse('forbidden', `S3 does not let the gateway read the parts: ${error.code}.`),
        requestId,
      );
    }
  };

const gone = ({ destination: { bucket, prefix } }: StoredJob, { message }: LinesMissingError) =>
  `${message} They were in s3://${bucket}/${prefix}; look for a lifecycle rule of this bucket.`;

async function* inFormat(
  lines: AsyncGenerator<Uint8Array, void>,
  { topK }: Pick<StoredJob, 'topK'>,
  format: Format,
): AsyncGenerator<Uint8Array, void> {
  if (format === 'jsonl') return yield* lines;
  const encoder = new TextEncoder();
  let header = csvHeader(topK);
  for await (const part of lines) {
    yield encoder.encode(header + toCsv(part, topK));
    header = '';
  }
  if (header !== '') yield encoder.encode(header);
}

/** Logs why a body that has begun breaks off. */
async function* logged(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void>,
  { signal, log, job }: { signal: AbortSignal; log: Logger; job: StoredJob },
): AsyncGenerator<Uint8Array, void> {
  if (first.done === true) return;
  try {
    yield first.value;
    yield* rest;
  } catch (error) {
    if (!signal.aborted)
      log.warn({ event: 'job.lines-broken', error, job: job.id }, 'lines of a job broke off');
    throw error;
  }
}
