import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3, type Connection } from '@labelfleet/aws/store';
import type { Logger, Service } from '@labelfleet/runtime';
import { setTimeout as delay } from 'node:timers/promises';
import { createApp } from './app.ts';
import { holdAndAct } from './compose-leader.ts';
import type { ScalerConfig } from './config.ts';
import { dryRun } from './act/dry-run.ts';
import { EMPTY_MEMORY } from './memory/fleet-memory.ts';
import { allPlaces } from './launch/launch-places.ts';
import { LaunchTemplate } from './launch/launch-template.ts';
import { inMemory } from './memory/memory-keeper.ts';
import { openMetricsPort } from './metrics-port.ts';
import { Metrics, type Role } from './metrics.ts';
import { MissingRights } from './permissions/missing-permissions.ts';
import { termParts, type Parts } from './deps.ts';
import { sweepReplyQueuesAgainAndAgain } from './reply-queues/reply-queue-sweep.ts';
import { runTerm } from './tick/run-term.ts';
import { openTickLog } from './tick/tick-log.ts';
import { watchRights } from './permissions/watch-permissions.ts';

/** The least time without a tick that counts as stuck: a call to AWS can take that long, retries included. */
const STUCK_AFTER_MS = 60_000;

type RunningScaler = Service & { readonly url: string };

/**
 * Starts the scaler. Its `stop` lets the running tick end and gives the lease up; the workers go on
 * without it.
 * @throws StartError when the launch template or the tick log cannot be used, or the port cannot be had
 */
export async function startScaler(
  config: ScalerConfig,
  logger: Logger,
  connection: Connection = { region: config.region },
): Promise<RunningScaler> {
  const connections = {
    sqs: connectSqs(connection),
    s3: connectS3(connection),
    ec2: connectEc2(connection),
  };
  const disconnect = () => Object.values(connections).forEach((each) => each.close());
  try {
    return await start(config, logger, connections, disconnect);
  } catch (error) {
    disconnect();
    throw error;
  }
}

async function start(
  config: ScalerConfig,
  logger: Logger,
  unwatched: Pick<Parts, 'sqs' | 's3' | 'ec2'>,
  disconnect: () => void,
): Promise<RunningScaler> {
  const rights = new MissingRights(logger, () => performance.now());
  const connections = watchRights(unwatched, rights);
  const launchTemplate = new LaunchTemplate({
    fleet: connections.ec2.fleet,
    nameOrId: config.workers.launchTemplate,
    places: config.workers,
    logger,
  });
  await launchTemplate.check((ms) => delay(ms));
  const tickLog = config.tickLog === undefined ? undefined : await openTickLog(config.tickLog);
  const metrics = new Metrics();
  let role: Role = config.dryRun ? 'dry-run' : 'standby';
  let aliveAt = performance.now();
  let leaseTrouble: string | undefined;
  const app = createApp({
    metrics: metrics.registry,
    role: () => role,
    sinceTickMs: () => performance.now() - aliveAt,
    leaseTrouble: () => leaseTrouble,
    stuckAfterMs: Math.max(STUCK_AFTER_MS, 5 * config.tickMs),
  });
  const port = await openMetricsPort(app, config.host, config.port);

  const stopping = new AbortController();
  const parts: Parts = {
    config,
    ...connections,
    launchTemplate,
    metrics,
    tickLog,
    logger,
    tellLease: (trouble) => void (leaseTrouble = trouble),
    alive: () => void (aliveAt = performance.now()),
    wait: (ms, signal) => delay(ms, undefined, { signal }),
  };
  const onRole = (next: Role) => {
    role = next;
    metrics.role(role);
    logger.info({ event: 'scaler.role', role }, 'scaler role changed');
  };
  onRole(role);
  const ended = run(parts, onRole, stopping.signal);
  const { policy } = config.scaling;
  logger.info({ event: 'app.started', url: port.url, policy, dryRun: config.dryRun }, 'started');

  return {
    url: port.url,
    ended,
    async stop(reason) {
      logger.info({ event: 'app.stopping', reason }, 'stopping');
      stopping.abort(new Error(reason));
      await ended;
      port.close();
      disconnect();
      logger.info({ event: 'app.stopped' }, 'stopped');
    },
  };
}

async function run(parts: Parts, onRole: (role: Role) => void, signal: AbortSignal): Promise<void> {
  const { logger } = parts;
  if (parts.config.dryRun) {
    // It takes no lease: it may run beside a scaler that acts.
    const act = dryRun(logger, allPlaces(parts.config.workers));
    const doing = { memory: inMemory(EMPTY_MEMORY), act, holds: () => true };
    return runTerm({ ...termParts(parts), ...doing }, signal);
  }
  // Deleting what another scaler deletes too does no harm, so every one of them sweeps.
  await Promise.all([holdAndAct(parts, onRole, signal), sweep(parts, signal)]);
}

function sweep({ config, sqs, metrics, logger, wait }: Parts, signal: AbortSignal): Promise<void> {
  return sweepReplyQueuesAgainAndAgain(
    {
      queues: sqs.admin,
      namePrefix: config.replyQueuePrefix,
      keep: [config.requestQueueUrl, config.deadLetterQueueUrl, config.fleetEventQueueUrl],
      metrics,
      logger,
      now: Date.now,
    },
    wait,
    signal,
  );
}
