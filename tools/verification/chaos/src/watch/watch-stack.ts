import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import type { History } from '../history/history.ts';
import type { Stack } from '../stack/stack.ts';
import { FaultLog } from './fault-log.ts';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { FleetWatch } from './fleet-watch.ts';

export type Seen = ReturnType<typeof watchStack>;

/** Clients for everything that can be observed of a stack from outside. */
export function watchStack({ around, endpoint }: Stack, history: History) {
  const connection = {
    region: around.region,
    endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const [sqs, s3, ec2] = [connectSqs(connection), connectS3(connection), connectEc2(connection)];
  const stores = {
    input: s3.store(around.inputBucket),
    output: s3.store(around.outputBucket),
    state: s3.store(around.stateBucket),
  };
  const faults = new FaultsClient(endpoint);
  return {
    stores,
    faults,
    faultLog: new FaultLog(faults, history),
    fleet: new FleetWatch({ fleet: ec2.fleet, state: stores.state, history }),
    queues: {
      requests: sqs.queue(around.requestQueueUrl),
      'dead letters': sqs.queue(around.deadLetterQueueUrl),
    },
    close: () => [sqs, s3, ec2].forEach((each) => each.close()),
  };
}
