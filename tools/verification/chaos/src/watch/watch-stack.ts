import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import { LOCAL_CREDENTIALS } from '@labelfleet/local-stack/app-environments';
import { sleep } from '@labelfleet/runtime';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import type { History } from '../history/history.ts';
import type { Stack } from '../stack/stack.ts';
import { FaultLog } from './fault-log.ts';
import { FleetWatch } from './fleet-watch.ts';

const POLL_MS = 200;

export type Seen = ReturnType<typeof watchStack>;

/** Clients for everything that can be observed of a stack from outside. */
export function watchStack({ around, endpoint }: Stack, history: History) {
  const connection = { region: around.region, endpoint, credentials: LOCAL_CREDENTIALS };
  const [sqs, s3, ec2] = [connectSqs(connection), connectS3(connection), connectEc2(connection)];
  const stores = {
    input: s3.store(around.inputBucket),
    output: s3.store(around.outputBucket),
    state: s3.store(around.stateBucket),
  };
  const faults = new FaultsClient(endpoint);
  const faultLog = new FaultLog(faults, history);
  const fleet = new FleetWatch({ fleet: ec2.fleet, state: stores.state, history });
  const queues = {
    requests: sqs.queue(around.requestQueueUrl),
    'dead letters': sqs.queue(around.deadLetterQueueUrl),
    webhooks: sqs.queue(around.webhookQueueUrl),
    'dead letters of webhooks': sqs.queue(around.webhookDeadLetterQueueUrl),
  };
  return {
    stores,
    faults,
    faultLog,
    fleet,
    /** Adds the fleet, the lease and the faults to the history until the signal aborts. */
    async watch(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        // Fails while the local cloud is down; the next poll reads again.
        await Promise.allSettled([fleet.read(), faultLog.read()]);
        await sleep(POLL_MS, signal);
      }
    },
    /** The messages and instances that still exist; empty when the product is idle. */
    async left(): Promise<string[]> {
      await fleet.read();
      const messages = Object.entries(queues).map(async ([name, queue]) => {
        const { visible, inFlight, delayed } = await queue.depth();
        const count = visible + inFlight + delayed;
        return count > 0 ? [`${count} messages on the queue ${name}`] : [];
      });
      const instances = fleet.living.map(({ id, state }) => `instance ${id} (${state})`);
      return [...instances, ...(await Promise.all(messages)).flat()];
    },
    close: () => [sqs, s3, ec2].forEach((each) => each.close()),
  };
}
