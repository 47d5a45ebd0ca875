import type { JobStore } from '@labelfleet/jobs';
import type { Handler } from 'hono';
import { createJob, NO_JOBS, type CreateJobDeps } from '../jobs/create/create-job.ts';
import { jobRequestSchema } from '../jobs/create/job-request.ts';
import { jobPath, jobView } from '../jobs/look/job-view.ts';
import type { AwsHealth } from '../http/aws-health.ts';
import { refuseUnready } from '../http/readiness.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import { uploadRequest } from '../http/upload-request.ts';
import { refuse, refusalResponse, type Refusal } from '../http/problem.ts';
import type { ByteBudget } from '../upload/byte-budget.ts';
import { isJson, readJson } from '../upload/read-json.ts';
import { refuseCoding } from '../upload/refuse-coding.ts';
import { jobHeaders, jobListQuery } from './job-parameters.ts';
import { scopeOf, type ReadJobDeps } from './job.ts';
import { idempotencyKeyOf, parse, refuseReceiver, type ReceiverNames } from './read-parameters.ts';

export interface CreateJobRouteDeps extends CreateJobDeps, ReadJobDeps {
  jobs: CreateJobDeps['jobs'];
  budget: Pick<ByteBudget, 'open'>;
  /** Undefined if this gateway sends no webhooks. */
  receivers: ReceiverNames | undefined;
  limits: { minPrecision: number | undefined };
  health: CreateJobDeps['health'] & Pick<AwsHealth, 'outages'>;
}

/** A job is planned within seconds. */
const LOOK_AGAIN_SECONDS = '5';

const NO_JSON = refuse(
  'unsupported-media-type',
  'A job is described in JSON. Send Content-Type: application/json.',
);

/** Creates a job, or says what it would cost. */
export function createJobRoute(deps: CreateJobRouteDeps): Handler<GatewayEnv> {
  return async (c) => {
    const refused = (refusal: Refusal) => {
      c.var.access.problem = refusal.code;
      c.var.access.detail = refusal.detail;
      return refusalResponse(refusal, c.var.requestId);
    };
    const headers = parse(jobHeaders, (name) => c.req.header(name));
    if ('code' in headers) return refused(headers);
    const { Notify: notify, 'Idempotency-Key': key } = headers.value;
    const refusal = refuseReceiver(notify, deps.receivers) ?? refuseUnready(deps.health.outages);
    if (refusal !== undefined) return refused(refusal);
    const upload = uploadRequest(c);
    const wrongBody = refuseCoding(upload) ?? (isJson(upload.contentType) ? undefined : NO_JSON);
    if (wrongBody !== undefined) return refused(wrongBody);
    using share = deps.budget.open();
    const read = await readJson(upload, jobRequestSchema, share);
    if (read.kind === 'disconnected')
      return refused(refuse('missing-image', 'The connection closed. Send the job again.'));
    if (read.kind === 'refused') return refused(read);
    const { caller, requestId, log } = c.var;
    const { topK, minPrecision = deps.limits.minPrecision } = read.value;
    const created = await createJob(
      deps,
      {
        id: requestId,
        body: read.value,
        options: {
          topK,
          ...(minPrecision !== undefined && { minPrecision }),
          ...(caller !== undefined && { caller }),
          ...(notify !== undefined && { notify }),
        },
        key: c.var.key,
        idempotencyKey: idempotencyKeyOf(key, caller),
      },
      { log, signal: c.req.raw.signal },
    );
    if (created.kind === 'refused') return refused(created);
    if (created.kind === 'estimated')
      return Response.json(created.estimate, { headers: { 'cache-control': 'no-store' } });
    c.set('requestId', created.job.id);
    const state = await deps.jobLooks.look(created.job);
    return Response.json(jobView(state, await scopeOf(deps, c.var)), {
      status: 202,
      headers: {
        location: jobPath(c.var.client.basePath, created.job.id),
        'retry-after': LOOK_AGAIN_SECONDS,
        'cache-control': 'no-store',
        ...(created.isRepeat && { 'idempotency-replayed': 'true' }),
      },
    });
  };
}

const CONCURRENT_LOOKS = 8;

/** Lists the caller's jobs, the newest first. */
export function listJobs(
  deps: ReadJobDeps & Pick<CreateJobDeps, 'batchQueue'> & { jobs: Pick<JobStore, 'list'> },
): Handler<GatewayEnv> {
  return async (c) => {
    if (deps.batchQueue === undefined) return refusalResponse(NO_JOBS, c.var.requestId);
    const query = parse(jobListQuery, (name) => c.req.query(name));
    if ('code' in query) return refusalResponse(query, c.var.requestId);
    const { limit, after } = query.value;
    const ids = await deps.jobs.list(c.var.caller, limit, after);
    const { basePath } = c.var.client;
    const scope = await scopeOf(deps, c.var);
    const views: (ReturnType<typeof jobView> | undefined)[] = [];
    const left = ids.entries();
    const lookAtRest = async () => {
      for (const [index, id] of left) {
        const job = await deps.jobLooks.find(id);
        if (job !== undefined) views[index] = jobView(await deps.jobLooks.look(job), scope);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_LOOKS }, lookAtRest));
    const last = ids.at(-1);
    const hasMore = ids.length === limit && last !== undefined;
    return c.json(
      {
        jobs: views.filter((view) => view !== undefined),
        links: hasMore ? { next: `${basePath}/v1/jobs?limit=${limit}&after=${last}` } : {},
      },
      200,
      { 'cache-control': 'no-store' },
    );
  };
}
