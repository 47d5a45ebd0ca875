import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError } from '../api-error.ts';
import type { Instances } from '../ec2/instances.ts';
import type { Faults } from '../faults/faults.ts';
import { readBody } from '../request-body.ts';
import type { Buckets } from '../s3/buckets.ts';
import type { Queues } from '../sqs/queues.ts';
import { statePage } from './state-page.ts';

export interface LocalParts {
  readonly queues: Queues;
  readonly buckets: Buckets;
  readonly instances: Instances;
  readonly faults: Faults;
  /** Where an instance's output is. */
  readonly logOf: (instanceId: string) => string;
}

/**
 * What no cloud has: `GET /_local/state` (a page), `GET /_local/instances/ID/log`, and `GET` and `POST
 * /_local/faults` (JSON).
 */
export function localApi(parts: LocalParts) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = `${request.method} ${request.url}`;
    const logOf = /^GET \/_local\/instances\/(i-[0-9a-f]+)\/log$/.exec(call)?.[1];
    try {
      if (call === 'GET /_local/state') send(response, 200, 'text/html', page(parts));
      else if (logOf !== undefined) send(response, 200, 'text/plain', await log(parts, logOf));
      else if (call === 'GET /_local/faults') sendFaults(response, parts.faults);
      else if (call === 'POST /_local/faults') await changeFaults(request, response, parts.faults);
      else throw new ApiError('NotFound', 'There is /_local/state and /_local/faults.', 404);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      send(response, error.status, 'text/plain', `${error.message}\n`);
    }
  };
}

function page({ queues, buckets, instances }: LocalParts): string {
  return statePage({
    queues: queues.all(),
    buckets: buckets.all(),
    instances: instances.all(),
    nowMs: Date.now(),
  });
}

async function log({ instances, logOf }: LocalParts, id: string): Promise<string> {
  const { state } = instances.get(id);
  return state === 'pending' ? '' : readFile(logOf(id), 'utf8');
}

async function changeFaults(
  request: IncomingMessage,
  response: ServerResponse,
  faults: Faults,
): Promise<void> {
  const text = (await readBody(request, 65_536)).toString();
  const wrong = faults.change(jsonOrUndefined(text));
  if (wrong !== undefined) throw new ApiError('BadRequest', wrong);
  sendFaults(response, faults);
}

function sendFaults(response: ServerResponse, faults: Faults): void {
  send(response, 200, 'application/json', `${JSON.stringify(faults.settings)}\n`);
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` });
  response.end(body);
}
