import { serve, type ServerType } from '@hono/node-server';
import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3, type Connection } from '@labelfleet/aws/store';
import { EXIT, StartError, type Logger, type Service } from '@labelfleet/runtime';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Actor } from './act.ts';
import { createApp } from './app.ts';
import type { ScalerConfig } from './config.ts';
import { dryRun } from './dry-run.ts';
import { listenForFleetEvents } from './fleet-event-listener.ts';
import { NOTHING_KNOWN, takeReport } from './fleet-knowledge.ts';
import { EMPTY_MEMORY } from './fleet-memory.ts';
import { allPlaces } from './launch-places.ts';
import { Launcher } from './launcher.ts';
import { inMemory } from './memory-keeper.ts';
import { Metrics } from './metrics.ts';
import { SnapshotPublisher } from './publish-snapshot.ts';
import { runScalingLoop } from './scaling-loop.ts';
import { createTick } from './tick.ts';
import { attempt } from './trouble.ts';

const wait = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal });

/**
 * Starts the scaler. Its `stop` lets the running tick end; the workers go on without it.
 * @throws StartError when the launch template cannot be found or the port is taken
 */
export async function startScaler(
  config: ScalerConfig,
  logger: Logger,
  connection: Connection = { region: config.region },
): Promise<Service> {
  const sqs = connectSqs(connection);
  const s3 = connectS3(connection);
  const ec2 = connectEc2(connection);
  const disconnect = () => {
    sqs.close();
    s3.close();
    ec2.close();
  };

  const template = await attempt(() =>
    ec2.fleet.resolveLaunchTemplate(config.workers.launchTemplate),
  );
  if (template.kind === 'failed') {
    disconnect();
    throw new StartError(
      `WORKER_LAUNCH_TEMPLATE=${config.workers.launchTemplate} cannot be used: ${template.detail}`,
      EXIT.unavailable,
    );
  }

  const metrics = new Metrics();
  const knowledge = { current: NOTHING_KNOWN };
  const memory = inMemory(EMPTY_MEMORY);
  const actor = new Actor({
    fleet: ec2.fleet,
    launcher: new Launcher({
      fleet: ec2.fleet,
      launchTemplate: config.workers.launchTemplate,
      fleetName: config.fleetName,
      places: allPlaces(config.workers),
      newToken: randomUUID,
      random: Math.random,
    }),
    memory,
    newNonce: () => randomUUID().slice(0, 8),
    random: Math.random,
  });
  const publisher = new SnapshotPublisher(s3.store(config.stateBucket));
  const runTick = createTick({
    requestQueue: sqs.queue(config.requestQueueUrl),
    fleet: ec2.fleet,
    fleetName: config.fleetName,
    settings: config.scaling,
    memory,
    knowledge,
    act: config.dryRun ? dryRun(logger) : actor.act,
    publish: config.dryRun
      ? async () => ({ kind: 'unchanged' })
      : (tick, now) => publisher.publish(tick, now),
    metrics,
    logger,
    now: Date.now,
  });

  let tickEndedAt = performance.now();
  const app = createApp({
    metrics: metrics.registry,
    sinceTickMs: () => performance.now() - tickEndedAt,
    stuckAfterMs: Math.max(60_000, 5 * config.tickMs),
  });
  const server = await listen(app.fetch, config).catch((error: unknown) => {
    disconnect();
    throw error;
  });

  const stopping = new AbortController();
  const loop = runScalingLoop(
    {
      tick: async () => {
        await runTick();
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
    ? Promise.resolve()
    : listenForFleetEvents(
        {
          queue: sqs.queue(config.fleetEventQueueUrl),
          onEvent: (event) => {
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
  const ended = Promise.all([loop, listener]).then(() => undefined);
  const { address, port } = server.address() as AddressInfo;
  logger.info(
    { url: `http://${address}:${port}`, policy: config.scaling.policy, dryRun: config.dryRun },
    'scaling',
  );

  return {
    ended,
    async stop(reason) {
      logger.info({ reason }, 'stopping');
      stopping.abort();
      await ended;
      server.close();
      disconnect();
      logger.info('stopped');
    },
  };
}

async function listen(
  fetch: Parameters<typeof serve>[0]['fetch'],
  { host, port }: Pick<ScalerConfig, 'host' | 'port'>,
): Promise<ServerType> {
  const server = serve({ fetch, hostname: host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(`PORT=${port} on ${host} cannot be used`, EXIT.unavailable, {
      cause: error,
    });
  }
  return server;
}
