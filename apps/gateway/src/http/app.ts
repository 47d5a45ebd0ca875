import { AwsCallError } from '@labelfleet/aws/errors';
import type { Tracing } from '@labelfleet/telemetry';
import { Hono, type Handler } from 'hono';
import type { Metrics } from '../metrics.ts';
import { refusalResponse, refuse, refuseOverloaded } from './problem.ts';
import type { AwsHealth } from './aws-health.ts';
import type { FleetView } from '../routes/fleet-view.ts';
import { nameRoute } from './request-trace.ts';
import type { ReadinessDeps } from './readiness.ts';
import {
  lingerOnEarlyResponses,
  requestScope,
  type GatewayEnv,
  type RequestScopeDeps,
} from './request-scope.ts';
import { cancelClassification, type CancelDeps } from '../routes/cancel.ts';
import { door, type DoorDeps } from '../auth/door.ts';
import { readClassification, type ClassificationDeps } from '../routes/classification.ts';
import { readBatch, readBatchResults, type BatchDeps } from '../routes/batch.ts';
import { createBatch, type CreateBatchDeps } from '../routes/batches.ts';
import { classify, type ClassifyDeps } from '../routes/classify.ts';
import { batchEvents, classificationEvents, type EventRouteDeps } from '../routes/events.ts';
import { cancelJob, jobEvents, readJob, type JobEventDeps } from '../routes/job.ts';
import { readJobLines, type JobLinesDeps } from '../routes/job-lines.ts';
import { createJobRoute, listJobs, type CreateJobRouteDeps } from '../routes/jobs.ts';
import { readFleet } from '../routes/fleet.ts';
import { alive, ready } from '../routes/health.ts';
import { readModels } from '../routes/models.ts';
import type { JobStore } from '@labelfleet/jobs';
import type { ModelsView } from '../routes/models-view.ts';
import { readMetrics } from '../routes/metrics.ts';
import { apiDocs } from '../routes/openapi.ts';
import { webFile } from '../routes/page.ts';
import { VERSION } from '../version.ts';
import type { WebFiles } from '../web/web-files.ts';

type AppDeps = RequestScopeDeps &
  DoorDeps &
  ClassifyDeps &
  ClassificationDeps &
  CreateBatchDeps &
  BatchDeps &
  CancelDeps &
  EventRouteDeps &
  CreateJobRouteDeps &
  JobLinesDeps &
  JobEventDeps &
  ReadinessDeps & {
    health: AwsHealth;
    jobs: JobStore;
    fleet: FleetView;
    models: Pick<ModelsView, 'inUse'>;
    metrics: Metrics;
    tracing: Tracing | undefined;
    web: WebFiles;
    /** True if the public port serves /metrics. */
    withMetrics: boolean;
  };

type Methods = Partial<Record<'GET' | 'POST', Handler<GatewayEnv>>>;

/** The gateway's HTTP API: each path with the methods it supports. */
export function createApp(deps: AppDeps): Hono<GatewayEnv> {
  const docs = apiDocs(VERSION);
  const { '/': page, ...files } = deps.web;
  const filesOfPage = Object.fromEntries(
    Object.entries(files).map(([path, file]) => [path, { GET: webFile(file) }]),
  );
  const addresses: Record<string, Methods> = {
    '/': {
      GET: webFile(page),
      POST: classify(deps, ['text/plain', 'application/json']),
    },
    ...filesOfPage,
    '/v1/classifications': { POST: classify(deps, ['application/json']) },
    '/v1/classifications/:id': { GET: readClassification(deps) },
    '/v1/classifications/:id/cancel': { POST: cancelClassification(deps) },
    '/v1/classifications/:id/events': { GET: classificationEvents(deps) },
    '/v1/batches': { POST: createBatch(deps) },
    '/v1/batches/:id': { GET: readBatch(deps) },
    '/v1/batches/:id/events': { GET: batchEvents(deps) },
    '/v1/batches/:id/results': { GET: readBatchResults(deps) },
    '/v1/jobs': { POST: createJobRoute(deps), GET: listJobs(deps) },
    '/v1/jobs/:id': { GET: readJob(deps) },
    '/v1/jobs/:id/cancel': { POST: cancelJob(deps) },
    '/v1/jobs/:id/events': { GET: jobEvents(deps) },
    '/v1/jobs/:id/results': { GET: readJobLines(deps, 'results') },
    '/v1/jobs/:id/errors': { GET: readJobLines(deps, 'errors') },
    '/v1/models': { GET: readModels(deps.models) },
    '/v1/fleet': { GET: readFleet(deps.fleet) },
    '/openapi.json': { GET: docs.document },
    '/docs': { GET: docs.page },
    '/healthz': { GET: alive },
    '/readyz': { GET: ready(deps) },
    ...(deps.withMetrics && { '/metrics': { GET: readMetrics(deps.metrics) } }),
  };
  const app = new Hono<GatewayEnv>();
  app.use(requestScope(deps), lingerOnEarlyResponses);
  for (const path of Object.keys(addresses)) app.use(path, nameRoute(path, deps.tracing));
  app.use(door(deps));
  for (const [path, methods] of Object.entries(addresses)) {
    // Hono serves HEAD with the handler of GET.
    for (const [method, handler] of Object.entries(methods)) app.on(method, path, handler);
    app.options(path, allowedMethods(methods));
    app.all(path, otherMethod(methods));
  }
  app.notFound((c) =>
    refusalResponse(refuse('not-found', `No resource exists at ${c.req.path}.`), c.var.requestId),
  );
  app.onError((error, c) => {
    const fields = { event: 'request.failed', error };
    if (error instanceof AwsCallError) {
      c.var.log.warn(fields, 'request failed');
      deps.health.suspect();
    } else c.var.log.error(fields, 'request failed');
    return refusalResponse(
      error instanceof AwsCallError
        ? refuseOverloaded('S3 or SQS cannot be reached. Try again shortly.')
        : refuse('internal-error', 'The gateway has a defect; its log names the request id.'),
      c.var.requestId,
    );
  });
  return app;
}

const allowed = (methods: Methods): string =>
  Object.keys(methods)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ');

/** HAProxy's default health check is OPTIONS, and expects 2xx. */
const allowedMethods =
  (methods: Methods): Handler<GatewayEnv> =>
  (c) =>
    c.body(null, 204, { allow: allowed(methods) });

function otherMethod(methods: Methods): Handler<GatewayEnv> {
  const allow = allowed(methods);
  return (c) =>
    refusalResponse(
      refuse('method-not-allowed', `This address supports ${allow}.`, { allow }),
      c.var.requestId,
    );
}
