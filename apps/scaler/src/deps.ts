import type { Ec2Connection } from '@labelfleet/aws/fleet';
import type { SqsConnection } from '@labelfleet/aws/queue';
import type { S3Connection } from '@labelfleet/aws/store';
import type { Clock, Logger } from '@labelfleet/runtime';
import type { ScalerConfig } from './config.ts';
import { allPlaces } from './launch/launch-places.ts';
import type { LaunchTemplate } from './launch/launch-template.ts';
import type { Metrics } from './metrics.ts';
import { workerHour } from './publish/worker-hour.ts';
import type { TickLog } from './tick/tick-log.ts';

/** What the parts of a scaler work with, in every role. */
export interface Deps {
  config: ScalerConfig;
  sqs: SqsConnection;
  s3: S3Connection;
  ec2: Ec2Connection;
  metrics: Metrics;
  /** Undefined if ticks are not recorded. */
  tickLog: TickLog | undefined;
  log: Logger;
  /** Called after each tick, or after a standby's read of the lease: the scaler is alive. */
  alive: () => void;
  /** Called after each read of the lease with the reason why it cannot be used; undefined while it can. */
  onLeaseRead: (failure: string | undefined) => void;
  /** The template that workers are launched from. */
  launchTemplate: LaunchTemplate;
  clock: Clock;
}

/** The dependencies that a leader and a dry run share. */
export const termDeps = (deps: Deps) => ({
  requestQueue: deps.sqs.queue(deps.config.requestQueueUrl),
  fleet: deps.ec2.fleet,
  fleetName: deps.config.fleetName,
  settings: deps.config.scaling,
  places: allPlaces(deps.config.workers),
  currentTemplate: () => deps.launchTemplate.current(deps.clock.monotonicMs()),
  newestTemplate: () => deps.launchTemplate.newest(),
  rates: {
    prices: deps.config.prices,
    fifo: deps.config.requestQueueUrl.endsWith('.fifo'),
  },
  workerHour: () =>
    workerHour(
      allPlaces(deps.config.workers),
      deps.launchTemplate.instanceType,
      deps.config.prices,
    ),
  tickMs: deps.config.tickMs,
  tickLog: deps.tickLog,
  onTick: deps.alive,
  metrics: deps.metrics,
  log: deps.log,
  clock: deps.clock,
});
