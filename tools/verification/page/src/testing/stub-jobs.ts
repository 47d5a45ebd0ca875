import type { IncomingMessage, ServerResponse } from 'node:http';
import { aJob, ESTIMATE, type StubbedJob } from './job-answers.ts';

export interface JobCall {
  request: IncomingMessage;
  response: ServerResponse;
  body: string;
  /** Of the path `/v1/jobs/{id}/{part}`. */
  id: string;
  part: string | undefined;
  json: (status: number, value: object) => void;
  problem: (status: number, code: string, title: string, detail: string) => void;
}

/** The jobs of the stub. A job is created once for each Idempotency-Key. */
export function stubJobs() {
  const streams = new Set<{ response: ServerResponse; id: string }>();
  const byKey = new Map<string, StubbedJob>();
  const find = (id: string) => jobs.list?.find((job) => job.id === id);
  const tell = (response: ServerResponse, job: StubbedJob) => {
    const isOpen = ['planning', 'running', 'canceling'].includes(job.status);
    response.write(`event: ${isOpen ? 'progress' : 'done'}\ndata: ${JSON.stringify(job)}\n\n`);
    if (!isOpen) response.end();
  };
  const jobs = {
    /** The newest first; undefined: the gateway has no jobs. */
    list: [] as StubbedJob[] | undefined,
    posted: [] as { key: string; body: Record<string, unknown> }[],
    /** How many streams of events are open. */
    get streams() {
      return streams.size;
    },
    /** How often the list was read. */
    reads: 0,
    /** Posts get no answer while it is true: the connection breaks after the job was accepted. */
    breaks: false,
    change(id: string, fields: Partial<StubbedJob>) {
      const job = find(id);
      if (job === undefined) throw new Error(`The stub has no job ${id}`);
      Object.assign(job, fields);
      for (const stream of streams) if (stream.id === id) tell(stream.response, job);
    },
    breakStreams() {
      for (const { response } of streams) response.destroy();
    },
    answer({ request, response, body, id, part, json, problem }: JobCall): void {
      if (jobs.list === undefined)
        return problem(404, 'not-found', 'Not found', 'This gateway creates no jobs.');
      const { method = '', headers } = request;
      if (id === '' && method === 'GET') {
        jobs.reads += 1;
        return json(200, { jobs: jobs.list.slice(0, limitOf(request)), links: {} });
      }
      if (id === '') {
        const key = String(headers['idempotency-key']);
        const posted = JSON.parse(body) as Record<string, unknown>;
        jobs.posted.push({ key, body: posted });
        if (body.includes('forbidden'))
          return problem(403, 'forbidden', 'The bucket may not be read', FORBIDDEN);
        if (posted['dryRun'] === true) return json(200, ESTIMATE);
        const job =
          byKey.get(key) ??
          aJob({ status: 'planning', source: posted['source'] as { prefix: string } });
        if (!byKey.has(key)) jobs.list.unshift(job);
        byKey.set(key, job);
        if (jobs.breaks) return void response.destroy();
        return json(202, job);
      }
      const job = find(id);
      if (job === undefined) return problem(404, 'not-found', 'Not found', 'No such job.');
      switch (part) {
        case 'cancel':
          jobs.change(id, { status: 'canceling' });
          return json(200, job);
        case 'events': {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          const stream = { response, id };
          streams.add(stream);
          response.on('close', () => streams.delete(stream));
          return tell(response, job);
        }
        case 'results':
        case 'errors': {
          const name = `job-${id}-${part}.csv`;
          response.writeHead(200, { 'content-disposition': `attachment; filename="${name}"` });
          return void response.end(`${part} of ${id}\n`);
        }
        case undefined:
        default:
          return json(200, job);
      }
    },
  };
  return jobs;
}

const limitOf = ({ url = '' }: IncomingMessage) => Number(/limit=(\d+)/.exec(url)?.[1] ?? 20);

const FORBIDDEN =
  'Jobs may not read s3://forbidden/. The operator lists what they may read in JOB_SOURCES; ask for an entry, or copy the images to one of these: s3://input/uploads/.';
