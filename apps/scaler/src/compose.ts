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
import { listenForFleetEvents } from './fleet-event-listener.ts';
import { NOTHING_KNOWN, takeReport } from './fleet-knowledge.ts';
import { EMPTY_MEMORY } from './fleet-memory.ts';
import { allPlaces } from './launch-places.ts';
import { Launcher } from './launcher.ts';
import { inMemory, type MemoryKeeper } from './memory-keeper.ts';
import { openMetricsPort } from './metrics-port.ts';
import { Metrics } from './metrics.ts';
import { SnapshotPublisher } from './publish-snapshot.ts';
import { sweepReplyQueuesAgainAndAgain } from './reply-queue-sweep.ts';
import { RequestRecords } from './request-records.ts';
import { runScalingLoop } from './scaling-loop.ts';
import { createTick } from './tick.ts';

/** The least time without a tick that counts as stuck: a call to AWS can take that long, retries included. */
const STUCK_AFTER_MS = 60_000;

/**
 * Starts the scaler. Its `stop` lets the running tick end; the workers go on without it.
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
  const knowledge = { current: NOTHING_KNOWN };
  const memory = inMemory(EMPTY_MEMORY);
  const publisher = new SnapshotPublisher(s3.store(config.stateBucket));
  const tick = createTick({
    requestQueue: sqs.queue(config.requestQueueUrl),
    fleet,
    fleetName: config.fleetName,
    settings: config.scaling,
    memory,
    knowledge,
    act: config.dryRun ? dryRun(logger) : createActor(config, fleet, memory).act,
    publish: config.dryRun
      ? async () => ({ kind: 'unchanged' })
      : (summary, now) => publisher.publish(summary, now),
    metrics,
    logger,
    now: Date.now,
  });

  let tickEndedAt = performance.now();
  const app = createApp({
    metrics: metrics.registry,
    sinceTickMs: () => performance.now() - tickEndedAt,
    stuckAfterMs: Math.max(STUCK_AFTER_MS, 5 * config.tickMs),
  });
  const port = await openMetricsPort(app, config.host, config.port);

  const stopping = new AbortController();
  const wait = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal });
  const loop = runScalingLoop(
    {
      async tick() {
        await tick();
        tickEndedAt = performance.now();
      },
      everyMs: config.tickMs,
      onFault: () => metrics.tickFault(),
      logger,
      wait,
      now: () => performance.now(),
    },
    stopping.signal,
  );
  // Receiving takes events away from the scaler that acts, so a dry run leaves them: to it, every worker
  // that has not been heard of is busy.
  const listener = config.dryRun
    ? undefined
    : listenForFleetEvents(
        {
          queue: sqs.queue(config.fleetEventQueueUrl),
          onEvent(event) {
            knowledge.current = takeReport(knowledge.current, event, Date.now());
          },
          onMalformed: () => metrics.malformedEvent(),
          logger,
          wait,
          now: Date.now,
          random: Math.random,
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
  const deadLetterWatch = config.dryRun
    ? undefined
    : watchDeadLetters(
        {
          deadLetters: sqs.queue(config.deadLetterQueueUrl),
          requests: sqs.queue(config.requestQueueUrl),
          replies: sqs.sender,
          records: new RequestRecords({
            input: s3.store(config.inputBucket),
            output: s3.store(config.outputBucket),
            state: s3.store(config.stateBucket),
          }),
          metrics,
          logger,
          wait,
          now: Date.now,
          random: Math.random,
        },
        stopping.signal,
      );
  const ended = Promise.all([loop, listener, deadLetterWatch, sweep]).then(() => undefined);
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

function createActor(config: ScalerConfig, fleet: Fleet, memory: MemoryKeeper): Actor {
  const launcher = new Launcher({
    fleet,
    launchTemplate: config.workers.launchTemplate,
    fleetName: config.fleetName,
    places: allPlaces(config.workers),
    newToken: randomUUID,
    random: Math.random,
  });
  const newNonce = () => randomUUID().slice(0, 8);
  return new Actor({ fleet, launcher, memory, newNonce, random: Math.random });
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
