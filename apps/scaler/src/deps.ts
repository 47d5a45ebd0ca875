import type { Ec2Connection } from '@labelfleet/aws/fleet';
import type { SqsConnection } from '@labelfleet/aws/queue';
import type { S3Connection } from '@labelfleet/aws/store';
import type { Logger } from '@labelfleet/runtime';
import type { ScalerConfig } from './config.ts';
import { allPlaces } from './launch/launch-places.ts';
import type { LaunchTemplate } from './launch/launch-template.ts';
import type { Metrics } from './metrics.ts';
import type { TickLog } from './tick/tick-log.ts';

/** What a scaler is made of, whatever its role. */
export interface Parts {
  config: ScalerConfig;
  sqs: SqsConnection;
  s3: S3Connection;
  ec2: Ec2Connection;
  metrics: Metrics;
  /** Undefined where no tick is to be written down. */
  tickLog: TickLog | undefined;
  logger: Logger;
  /** It is alive: a tick, or a standby's look at the lease, has ended. */
  alive: () => void;
  /** Why the lease can be neither held nor watched, told after each look at it; undefined while it can. */
  tellLease: (trouble: string | undefined) => void;
  /** Where workers are launched from. */
  launchTemplate: LaunchTemplate;
  /** Waits this many milliseconds; rejects when aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What every term has, whether it acts or not. */
export const termParts = (parts: Parts) => ({
  requestQueue: parts.sqs.queue(parts.config.requestQueueUrl),
  fleet: parts.ec2.fleet,
  fleetName: parts.config.fleetName,
  settings: parts.config.scaling,
  places: allPlaces(parts.config.workers),
  newestTemplate: () => parts.launchTemplate.newest(),
  rates: {
    prices: parts.config.prices,
    fifo: parts.config.requestQueueUrl.endsWith('.fifo'),
  },
  tickMs: parts.config.tickMs,
  tickLog: parts.tickLog,
  onTick: parts.alive,
  metrics: parts.metrics,
  logger: parts.logger,
  wait: parts.wait,
});
