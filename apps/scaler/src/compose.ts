import { AwsCallError, isTransient } from '@labelfleet/aws/errors';
import { connectEc2, type Ec2Connection, type Fleet } from '@labelfleet/aws/fleet';
import { connectSqs, type SqsConnection } from '@labelfleet/aws/queue';
import { connectS3, type Connection, type S3Connection } from '@labelfleet/aws/store';
import { EXIT, StartError, type Logger, type Service } from '@labelfleet/runtime';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Actor } from './act.ts';
import { createApp } from './app.ts';
import type { ScalerConfig } from './config.ts';
import { watchDeadLetters } from './dead-letter-watch.ts';
import { dryRun } from './dry-run.ts';
import { EMPTY_MEMORY } from './fleet-memory.ts';
import { allPlaces } from './launch-places.ts';
import { Launcher } from './launcher.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { leaseTimes } from './lease.ts';
import { leasedFleet } from './leased-fleet.ts';
import { inMemory } from './memory-keeper.ts';
import { openMetricsPort } from './metrics-port.ts';
import { Metrics, type Role } from './metrics.ts';
import { sweepReplyQueuesAgainAndAgain } from './reply-queue-sweep.ts';
import { RequestRecords } from './request-records.ts';
import { runLease } from './run-lease.ts';
import { runTerm } from './run-term.ts';

/** The least time without a tick that counts as stuck: a call to AWS can take that long, retries included. */
const STUCK_AFTER_MS = 60_000;

/**
 * Starts the scaler. Its `stop` lets the running tick end and gives the lease up; the workers go on
 * without it.
 * @throws StartError when the launch template cannot be used or the port cannot be had
 */
export async function startScaler(
  config: ScalerConfig,
  logger: Logger,
  connection: Connection = { region: config.region },
): Promise<Service & { readonly url: string }> {
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
  { sqs, s3, ec2 }: { sqs: SqsConnection; s3: S3Connection; ec2: Ec2Connection },
  disconnect: () => void,
): Promise<Service & { readonly url: string }> {
  const { fleet } = ec2;
  await checkLaunchTemplate(fleet, config.workers.launchTemplate);
  const metrics = new Metrics();
  const stateStore = s3.store(config.stateBucket);
  const times = leaseTimes(config.leaseMs);
  const lease = new LeaseKeeper({
    store: stateStore,
    holder: randomUUID(),
    times,
    newNonce: randomUUID,
    nowMs: () => performance.now(),
    unixMs: Date.now,
    logger,
  });

  let role: Role = config.dryRun ? 'dry-run' : 'standby';
  let aliveAt = performance.now();
  const alive = () => void (aliveAt = performance.now());
  const app = createApp({
    metrics: metrics.registry,
    role: () => role,
    sinceTickMs: () => performance.now() - aliveAt,
    stuckAfterMs: Math.max(STUCK_AFTER_MS, 5 * config.tickMs),
  });
  const port = await openMetricsPort(app, config.host, config.port);

  const stopping = new AbortController();
  const wait = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal });
  const common = {
    requestQueue: sqs.queue(config.requestQueueUrl),
    fleet,
    fleetName: config.fleetName,
    settings: config.scaling,
    rates: { prices: config.prices, fifo: config.requestQueueUrl.endsWith('.fifo') },
    tickMs: config.tickMs,
    onTick: alive,
    metrics,
    logger,
    wait,
  };
  const readDeadLetters = (signal: AbortSignal) =>
    watchDeadLetters(
      {
        deadLetters: sqs.queue(config.deadLetterQueueUrl),
        requests: sqs.queue(config.requestQueueUrl),
        replies: sqs.sender,
        records: new RequestRecords({
          input: s3.store(config.inputBucket),
          output: s3.store(config.outputBucket),
          state: stateStore,
        }),
        metrics,
        logger,
        wait,
        now: Date.now,
        random: Math.random,
      },
      signal,
    );
  const scale = (signal: AbortSignal) => {
    const term = lease.forThisTerm();
    return runTerm(
      {
        ...common,
        eventQueue: sqs.queue(config.fleetEventQueueUrl),
        memory: term,
        act: createActor(config, fleet, term).act,
        stateStore,
        holds: () => term.holds(),
      },
      signal,
    );
  };
  const onRole = (next: Role) => {
    role = next;
    metrics.role(role);
    logger.info({ role }, role === 'holder' ? 'this scaler acts' : 'this scaler does not act');
  };
  onRole(role);
  // A dry run takes no lease: it may run beside a scaler that acts.
  const acting = config.dryRun
    ? runTerm(
        {
          ...common,
          memory: inMemory(EMPTY_MEMORY),
          act: dryRun(logger, allPlaces(config.workers)),
          holds: () => true,
        },
        stopping.signal,
      )
    : runLease(
        {
          lease,
          async act(signal) {
            await Promise.all([scale(signal), readDeadLetters(signal)]);
          },
          everyMs: times.lookEveryMs,
          onRole,
          // A holder is alive by its ticks.
          onLook: () => void (role === 'standby' && alive()),
          wait,
        },
        stopping.signal,
      );
  // Deleting what another scaler deletes too does no harm, so every one of them sweeps.
  const sweep = config.dryRun
    ? undefined
    : sweepReplyQueuesAgainAndAgain(
        {
          queues: sqs.admin,
          namePrefix: config.replyQueuePrefix,
          keep: [config.requestQueueUrl, config.deadLetterQueueUrl, config.fleetEventQueueUrl],
          metrics,
          logger,
          now: Date.now,
        },
        wait,
        stopping.signal,
      );
  const ended = Promise.all([acting, sweep]).then(() => undefined);
  const { policy } = config.scaling;
  logger.info({ url: port.url, policy, dryRun: config.dryRun }, 'scaling');

  return {
    url: port.url,
    ended,
    async stop(reason) {
      logger.info({ reason }, 'stopping');
      stopping.abort(new Error(reason));
      await ended;
      port.close();
      disconnect();
      logger.info('stopped');
    },
  };
}

function createActor(
  config: ScalerConfig,
  fleet: Fleet,
  lease: ReturnType<LeaseKeeper['forThisTerm']>,
): Actor {
  const leased = leasedFleet(fleet, () => lease.holds());
  const launcher = new Launcher({
    fleet: leased,
    launchTemplate: config.workers.launchTemplate,
    fleetName: config.fleetName,
    places: allPlaces(config.workers),
    newToken: randomUUID,
    random: Math.random,
  });
  const newNonce = () => randomUUID().slice(0, 8);
  return new Actor({ fleet: leased, launcher, memory: lease, newNonce, random: Math.random });
}

async function checkLaunchTemplate(fleet: Fleet, nameOrId: string): Promise<void> {
  try {
    await fleet.resolveLaunchTemplate(nameOrId);
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    throw new StartError(
      `WORKER_LAUNCH_TEMPLATE=${nameOrId} cannot be used: ${error.message}`,
      isTransient(error) ? EXIT.unavailable : EXIT.config,
      { cause: error },
    );
  }
}
