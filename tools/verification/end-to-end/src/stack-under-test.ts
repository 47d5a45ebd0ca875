import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import type { StackProcess } from '@labelfleet/local-stack/processes';
import { startApp } from '@labelfleet/testkit/app-process';
import { join } from 'node:path';
import { startProduct } from './start-product.ts';

const GATEWAY = join(import.meta.dirname, '../../../../dist/apps/gateway/main.js');

/** The running product, with clients for its fleet, its request queue and its buckets. */
export type StackUnderTest = Awaited<ReturnType<typeof startStack>>;

/** @param settings the product's variables, as a user would set them */
export async function startStack(settings: Record<string, string>) {
  await using starting = new AsyncDisposableStack();
  const product = starting.use(await startProduct('node', settings));
  const { variable, variables, processes, allEnded, child, ended } = product;
  const connection = {
    region: variable('AWS_REGION'),
    endpoint: variable('AWS_ENDPOINT_URL'),
    credentials: {
      accessKeyId: variable('AWS_ACCESS_KEY_ID'),
      secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
    },
  };
  const ec2 = starting.adopt(connectEc2(connection), (each) => each.close());
  const s3 = starting.adopt(connectS3(connection), (each) => each.close());
  const sqs = starting.adopt(connectSqs(connection), (each) => each.close());
  const workers = async () => (await processes()).filter(isWorker);
  const running = starting.move();
  return {
    url: new URL(variable('GATEWAY_URL')),
    endpoint: connection.endpoint,
    dataDir: product.dataDir,
    /** The variables of `local.env`. */
    variables,
    /** Starts another gateway, from the bundle that the product has built. */
    startGateway: () =>
      startApp(GATEWAY, {
        ...variables,
        AWS_EC2_METADATA_DISABLED: 'true',
        PORT: '0',
        METRICS_PORT: '0',
      }),
    fleet: ec2.fleet,
    requestQueue: sqs.queue(variable('REQUEST_QUEUE_URL')),
    images: s3.store(variable('INPUT_BUCKET')),
    results: s3.store(variable('OUTPUT_BUCKET')),
    state: s3.store(variable('STATE_BUCKET')),
    /** All running processes except the starter. */
    processes,
    /** The running worker processes. */
    workers,
    /** Kills a worker with SIGKILL, like the loss of its host. @returns its pid */
    async killOneWorker(): Promise<number> {
      const [worker] = await workers();
      if (worker === undefined) throw new Error('there is no worker to kill');
      process.kill(worker.pid, 'SIGKILL');
      return worker.pid;
    },
    /** Resolves when all processes except the starter have ended. */
    allEnded,
    /** Sends the starter a signal. @returns its exit code, or null if the signal ended it */
    end(signal: NodeJS.Signals): Promise<number | null> {
      child.kill(signal);
      return ended;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const isWorker = ({ name }: StackProcess) => name.endsWith('apps/worker/main.js');
