import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError } from '../api-error.ts';
import type { Instances } from '../ec2/instances/instances.ts';
import { answerFaults } from '../faults/faults-api.ts';
import type { Faults } from '../faults/faults.ts';
import { readBody } from '../request-body.ts';
import type { Buckets } from '../s3/buckets.ts';
import type { Queues } from '../sqs/queues.ts';
import { bucketContent } from './bucket-parts.ts';
import { faultOfForm } from './fault-form.ts';
import { actOnInstance } from './instance-actions.ts';
import { sendLog } from './instance-log.ts';
import { sendObject } from './object-view.ts';
import { overviewPage } from './overview-page.ts';
import { pageOf } from './page.ts';
import { queueContent } from './queue-parts.ts';
import { sendBack, sendJson, sendPage, sendText } from './send.ts';

export interface LocalDeps {
  readonly queues: Queues;
  readonly buckets: Buckets;
  readonly instances: Instances;
  readonly faults: Faults;
  /** The path of an instance's log file. */
  readonly logOf: (instanceId: string) => string;
}

interface LocalCall extends LocalDeps {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** The decoded values of the path parameters. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
}

const MAX_BODY_BYTES = 65_536;

/** Only POST and DELETE change state. */
const ROUTES: readonly (readonly [RegExp, (call: LocalCall) => void | Promise<void>])[] = [
  [/^GET \/_local(?:\/|\/state)?$/, showOverview],
  [/^GET \/_local\/queues\/([^/]+)$/, showQueue],
  [/^GET \/_local\/buckets\/([^/]+)$/, showBucket],
  [/^GET \/_local\/objects\/([^/]+)\/(.+)$/, showObject],
  [/^GET \/_local\/instances\/([^/]+)\/log$/, showLog],
  [/^POST \/_local\/instances\/([^/]+)\/([\w-]+)$/, changeInstance],
  [/^POST \/_local\/faults\/(?:([^/]+)\/)?clear$/, clearFaults],
  [/^\w+ \/_local\/faults(\/.*)?$/, callFaults],
];

/** Serves what AWS does not have: a page that shows the state (`/_local/`), and fault injection (`/_local/faults`). */
export function localApi(deps: LocalDeps) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    const [path = '', search] = url.split('?');
    try {
      for (const [route, run] of ROUTES) {
        const found = route.exec(`${method} ${path}`);
        if (found === null) continue;
        const names = found.slice(1).map((name: string | undefined) => decoded(name ?? ''));
        const query = new URLSearchParams(search);
        await run({ ...deps, request, response, method, names, query });
        return;
      }
      throw new ApiError('NotFound', `${method} ${path} is not served. Open /_local/.`, 404);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      sendText(response, error.status, `${error.message}\n`);
      request.resume();
    }
  };
}

function showOverview({ response, queues, buckets, instances, faults }: LocalCall): void {
  const state = {
    queues: queues.all(),
    buckets: buckets.all(),
    instances: instances.all(),
    faults,
  };
  sendPage(response, overviewPage({ ...state, nowMs: Date.now() }));
}

function showQueue({ response, queues, names: [name = ''] }: LocalCall): void {
  sendPage(response, pageOf(name, queueContent(queues.byName(name), Date.now()), true));
}

function showBucket({ response, buckets, names: [name = ''], query }: LocalCall): void {
  const content = bucketContent(buckets.get(name), query.get('after') ?? '');
  sendPage(response, pageOf(name, content, true));
}

async function showObject({ response, buckets, names }: LocalCall): Promise<void> {
  const [bucket = '', key = ''] = names;
  await sendObject(response, buckets.get(bucket), key);
}

async function showLog({ response, instances, logOf, names, query }: LocalCall): Promise<void> {
  const { id } = instances.get(names[0] ?? '');
  await sendLog(response, logOf(id), Number(query.get('tail') ?? Infinity));
}

function changeInstance({ request, response, instances, names }: LocalCall): void {
  request.resume();
  const [id = '', action = ''] = names;
  actOnInstance(instances, instances.get(id), action);
  sendBack(response, '#instances');
}

function clearFaults({ request, response, faults, names: [id = ''] }: LocalCall): void {
  request.resume();
  if (id === '') faults.clearAll();
  else faults.clear(id);
  sendBack(response, '#faults');
}

async function callFaults(call: LocalCall): Promise<void> {
  const { request, response, method, names, query } = call;
  const body = (await readBody(request, MAX_BODY_BYTES)).toString();
  const isForm =
    request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true &&
    !body.startsWith('{'); // curl -d sends this type for JSON too
  const input = isForm ? faultOfForm(new URLSearchParams(body)) : jsonOrUndefined(body);
  const reply = answerFaults(
    { faults: call.faults, onSet: (id) => call.instances.applySpotFault(id) },
    { method, path: names[0] ?? '', query, input },
  );
  if (isForm && method === 'POST') sendBack(response, '#faults');
  else sendJson(response, reply.status, reply.body);
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError('BadRequest', `${part} is not a valid percent-encoded path segment.`);
  }
}
