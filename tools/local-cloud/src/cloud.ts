import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Logger } from '@labelfleet/runtime';

import type { Config } from './config.ts';
import { serviceOf } from './route-by-service.ts';
import { Buckets } from './s3/buckets.ts';
import { s3Api } from './s3/s3-api.ts';
import { closeServer, listen, portOf } from './server.ts';
import { Queues } from './sqs/queues.ts';
import { sqsApi } from './sqs/sqs-api.ts';
import { memoryStorage } from './storage/memory-storage.ts';

export interface Cloud {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Puts the parts together and serves them on one port. */
export async function startCloud(config: Config, logger: Logger): Promise<Cloud> {
  const storage = memoryStorage;
  const queues = new Queues({ region: config.region, endpoint: () => endpoint }, storage);
  const buckets = await Buckets.open(config.dataDir);
  const apis = {
    sqs: sqsApi(queues, storage),
    s3: s3Api(buckets),
    ec2: notSigned,
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const query = new URLSearchParams(request.url?.split('?')[1]);
    const service = serviceOf(request.headers.authorization, query);
    await (service === null ? notSigned : apis[service])(request, response);
  };
  const server = await listen(config.port, handle, (error, { method, url }) =>
    logger.error({ error, method, url }, 'a call failed'),
  );
  const endpoint = `http://127.0.0.1:${portOf(server)}`;
  return {
    endpoint,
    stop: async () => {
      queues.close();
      await closeServer(server);
    },
  };
}

async function notSigned(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  response.writeHead(403, { 'content-type': 'text/plain' });
  response.end('Calls must be signed for sqs, s3 or ec2 (Signature Version 4).\n');
}
