import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3, type Connection } from '@labelfleet/aws/store';
import { systemClock, type Logger, type Service } from '@labelfleet/runtime';
import { addProcessMetrics, observeCalls, openMetricsPort } from '@labelfleet/telemetry';
import { createApp } from './app.ts';
import { standByAndLead } from './compose-leader.ts';
import type { ScalerConfig } from './config.ts';
import { dryRun } from './act/dry-run.ts';
import { EMPTY_MEMORY } from './memory/fleet-memory.ts';
import { allPlaces } from './launch/launch-places.ts';
import { LaunchTemplate } from './launch/launch-template.ts';
import { inMemory } from './memory/memory-keeper.ts';
import { openStatusPort } from './status-port.ts';
import { Metrics, type Role } from './metrics.ts';
import { MissingPermissions } from './permissions/missing-permissions.ts';
import { termDeps, type Deps } from './deps.ts';
import { composeJobs } from './jobs/compose-jobs.ts';
import { sweepReplyQueuesPeriodically } from './reply-queues/reply-queue-sweep.ts';
import { runTerm } from './tick/run-term.ts';
import { openTickLog } from './tick/tick-log.ts';
import { watchPermissions } from './permissions/watch-permissions.ts';

/**
 * Without a tick for this long the scaler counts as stuck, at the earliest: a call to AWS with its retries can take
 * almost as long.
 */
const STUCK_AFTER_MS = 60_000;

type RunningScaler = Service & { readonly url: string };

/**
 * Wires and starts the scaler. Its `stop` lets the running tick end and gives the lease up; the workers continue.
 * @throws StartError if the launch template or the tick log cannot be used, or the port cannot be opened
 */
export async function compose(
  config: ScalerConfig,
  log: Logger,
  connection: Connection = { region: config.region },
): Promise<RunningScaler> {
  const metrics = new Metrics();
  const observer = observeCalls(addProcessMetrics(metrics.registry), config.prices);
  const observed = { ...connection, observer };
  const connections = {
    sqs: connectSqs(observed),
    s3: connectS3(observed),
    ec2: connectEc2(observed),
  };
  const disconnect = () => Object.values(connections).forEach((each) => each.close());
  try {
    return await start(config, log, metrics, connections, disconnect);
  } catch (error) {
    disconnect();
    throw error;
  }
}

async function start(
  config: ScalerConfig,
  log: Logger,
  metrics: Metrics,
  unwatched: Pick<Deps, 'sqs' | 's3' | 'ec2'>,
  disconnect: () => void,
): Promise<RunningScaler> {
  const clock = systemClock;
  const permissions = new MissingPermissions(log, clock);
  const connections = watchPermissions(unwatched, permissions);
  const launchTemplate = new LaunchTemplate({
    fleet: connections.ec2.fleet,
    nameOrId: config.workers.launchTemplate,
    places: config.workers,
    log,
  });
  await launchTemplate.check(clock);
  const tickLog = config.tickLog === undefined ? undefined : await openTickLog(config.tickLog);
  let role: Role = config.dryRun ? 'dry-run' : 'standby';
  let aliveAt = clock.monotonicMs();
  let leaseFailure: string | undefined;
  const app = createApp({
    metrics: metrics.registry,
    role: () => role,
    sinceTickMs: () => clock.monotonicMs() - aliveAt,
    leaseFailure: () => leaseFailure,
    stuckAfterMs: Math.max(STUCK_AFTER_MS, 5 * config.tickMs),
  });
  const port = await openStatusPort(app, config.host, config.port);
  // A second scaler on this machine, such as a dry run, finds it taken; its metrics are on its own port too.
  const metricsPort =
    config.metricsPort === undefined
      ? undefined
      : await openMetricsPort(
          metrics.registry,
          { host: config.metricsHost, port: config.metricsPort, whenTaken: 'do-without' },
          log,
        );

  const stopping = new AbortController();
  const deps: Deps = {
    config,
    ...connections,
    launchTemplate,
    metrics,
    tickLog,
    log,
    onLeaseRead: (failure) => void (leaseFailure = failure),
    alive: () => void (aliveAt = clock.monotonicMs()),
    clock,
  };
  const onRole = (next: Role) => {
    role = next;
    metrics.role(role);
    log.info({ event: 'scaler.role', role }, 'scaler role changed');
  };
  onRole(role);
  const ended = run(deps, onRole, stopping.signal);
  const { policy } = config.scaling;
  log.info({ event: 'app.started', url: port.url, policy, dryRun: config.dryRun }, 'started');

  return {
    url: port.url,
    ended,
    async stop(reason) {
      log.info({ event: 'app.stopping', reason }, 'stopping');
      stopping.abort(new Error(reason));
      await ended;
      port.close();
      await metricsPort?.[Symbol.asyncDispose]();
      disconnect();
      log.info({ event: 'app.stopped' }, 'stopped');
    },
  };
}

async function run(deps: Deps, onRole: (role: Role) => void, signal: AbortSignal): Promise<void> {
  const { log } = deps;
  if (deps.config.dryRun) {
    // A dry run takes no lease, so it can run next to a leader.
    const act = dryRun(log, allPlaces(deps.config.workers));
    const jobs = composeJobs(deps);
    const doing = { memory: inMemory(EMPTY_MEMORY), jobs, act, leads: () => true };
    return runTerm({ ...termDeps(deps), ...doing }, signal);
  }
  // Every scaler sweeps reply queues, because deleting a queue twice is harmless.
  await Promise.all([standByAndLead(deps, onRole, signal), sweep(deps, signal)]);
}

function sweep({ config, sqs, metrics, log, clock }: Deps, signal: AbortSignal): Promise<void> {
  const { requestQueueUrl, deadLetterQueueUrl, fleetEventQueueUrl, webhookQueueUrl, batch } =
    config;
  const others = [webhookQueueUrl, batch?.queueUrl, batch?.deadLetterQueueUrl];
  return sweepReplyQueuesPeriodically(
    {
      queues: sqs.admin,
      namePrefix: config.replyQueuePrefix,
      keep: [
        ...[requestQueueUrl, deadLetterQueueUrl, fleetEventQueueUrl],
        ...others.filter((url) => url !== undefined),
      ],
      metrics,
      log,
      clock,
    },
    signal,
  );
}
