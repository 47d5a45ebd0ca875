import { requestIdSchema, type StoredJob } from '@labelfleet/contracts';
import type { JobStore } from '@labelfleet/jobs';
import type { Prices } from '@labelfleet/scaling/cost';
import type { Context, Handler } from 'hono';
import { cacheableResponse } from '../http/cacheable.ts';
import { maySee } from '../http/may-see.ts';
import { refusalResponse, refuse } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import type { JobEvents } from '../jobs/job-events.ts';
import type { JobLooks } from '../jobs/look/job-looks.ts';
import { isCompleted, jobView, type ViewScope } from '../jobs/look/job-view.ts';
import { watchJob } from '../jobs/watch-job.ts';
import { eventStream } from '../events/event-stream.ts';
import type { FleetView } from './fleet-view.ts';

export interface ReadJobDeps {
  jobLooks: Pick<JobLooks, 'find' | 'look' | 'forgetLook'>;
  fleet: Pick<FleetView, 'latest'>;
  prices: Prices;
  unixMs: () => number;
}

/** The job in the path, if it exists and the caller may see it. */
export async function findJob(
  { jobLooks }: Pick<ReadJobDeps, 'jobLooks'>,
  c: Context<GatewayEnv>,
): Promise<StoredJob | undefined> {
  const id = c.req.param('id') ?? '';
  if (!requestIdSchema.safeParse(id).success) return undefined;
  const job = await jobLooks.find(id);
  return job !== undefined && maySee(c.var.caller, job) ? job : undefined;
}

export const noJob = (c: Context<GatewayEnv>): Response =>
  refusalResponse(refuse('not-found', 'No job has this id.'), c.var.requestId);

export const scopeOf = async (
  { fleet, prices, unixMs }: Omit<ReadJobDeps, 'jobLooks'>,
  basePath: string,
): Promise<ViewScope> => ({ basePath, fleet: await fleet.latest(), prices, now: unixMs() });

/** Returns a job from its objects, so any gateway can serve it. */
export const readJob =
  (deps: ReadJobDeps): Handler<GatewayEnv> =>
  async (c) => {
    const job = await findJob(deps, c);
    return job === undefined ? noJob(c) : respond(deps, c, job);
  };

async function respond(
  deps: ReadJobDeps,
  c: Context<GatewayEnv>,
  job: StoredJob,
): Promise<Response> {
  const state = await deps.jobLooks.look(job);
  const view = jobView(state, await scopeOf(deps, c.var.client.basePath));
  if (!isCompleted(state)) return c.json(view, 200, { 'cache-control': 'no-store' });
  const headers = { 'content-type': 'application/json' };
  return cacheableResponse(JSON.stringify(view), headers, c.req.header('if-none-match'));
}

/** How long a body may take that nobody needs. */
const BODY_WITHIN_MS = 1_000;

/** Stops a job. One that is completed stays as it is. */
export const cancelJob =
  (
    deps: ReadJobDeps & {
      jobs: Pick<JobStore, 'stop'>;
      jobEvents: Pick<JobEvents, 'changed'>;
    },
  ): Handler<GatewayEnv> =>
  async (c) => {
    // The connection can be used again when the body was read.
    await c.var.body.discard(BODY_WITHIN_MS);
    const job = await findJob(deps, c);
    if (job === undefined) return noJob(c);
    const { jobLooks, jobs, jobEvents, unixMs } = deps;
    if (!isCompleted(await jobLooks.look(job))) {
      const at = new Date(unixMs()).toISOString();
      const detail = 'Its caller canceled it. What is done stays done.';
      const stop = await jobs.stop(job.id, { v: 1, reason: 'canceled', detail, at });
      jobLooks.forgetLook(job);
      const log = c.var.logFor(job.id);
      log.info({ event: 'job.canceled', reason: stop.reason }, 'cancel requested');
      await jobEvents.changed(log);
    }
    return respond(deps, c, job);
  };

export interface JobEventDeps extends ReadJobDeps {
  monotonicMs: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborted when the gateway begins to drain: clients come back to another one. */
  draining: AbortSignal;
}

/** The id of the last event of a job. */
const DONE = 'done';

/** Streams the state of a job until it is completed. */
export const jobEvents =
  (deps: JobEventDeps): Handler<GatewayEnv> =>
  async (c) => {
    const job = await findJob(deps, c);
    if (job === undefined) return noJob(c);
    if ((c.req.header('last-event-id') ?? c.req.query('after')) === DONE) return c.body(null, 204);
    const { basePath } = c.var.client;
    return eventStream((left) =>
      watchJob(
        {
          look: async () => {
            const state = await deps.jobLooks.look(job);
            const view = jobView(state, await scopeOf(deps, basePath));
            return { view, doneId: isCompleted(state) ? DONE : undefined };
          },
          ...{ monotonicMs: deps.monotonicMs, sleep: deps.sleep },
        },
        AbortSignal.any([left, deps.draining, c.req.raw.signal]),
      ),
    );
  };
