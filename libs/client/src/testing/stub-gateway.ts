import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { BatchItem, Classification } from '../wire.ts';

/** A request as it arrived. */
export interface Arrived {
  /** Method and path, ids replaced: `POST /v1/classifications`. */
  call: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Answers a request in place of the stub; false leaves it to the stub. */
export type Interference = (arrived: Arrived, response: ServerResponse) => boolean | undefined;

export interface StubOptions {
  /** Completes every request when it is accepted. Default: true. */
  completes?: boolean;
  interfere?: Interference;
}

/** A gateway that keeps to the contract of docs/http-api.md, with results that the test decides. */
export async function startStubGateway({ completes = true, interfere }: StubOptions = {}) {
  const arrived: Arrived[] = [];
  const classifications = new Map<string, Classification>();
  const ids = new Map<string, string>();
  const batches = new Map<string, string[]>();
  const changes = new EventEmitter().setMaxListeners(0);

  const accept = (key: string, fileName: string | undefined): Classification => {
    const known = classifications.get(ids.get(key) ?? '');
    if (known !== undefined) return known;
    const queued: Classification = {
      id: randomUUID(),
      status: 'queued',
      submittedAt: new Date().toISOString(),
      links: { self: '' },
      ...(fileName !== undefined && { fileName }),
    };
    ids.set(key, queued.id);
    classifications.set(queued.id, queued);
    return queued;
  };
  const complete = (id: string) => {
    const { fileName, submittedAt } = classifications.get(id) as Classification;
    classifications.set(id, succeeded(id, fileName, submittedAt));
    changes.emit('change');
  };
  const itemsOf = (batchId: string): BatchItem[] =>
    (batches.get(batchId) ?? []).map((id, index) => ({
      ...(classifications.get(id) as Classification),
      index,
    }));
  const summary = (id: string) => {
    const items = itemsOf(id);
    const count = (status: string) => items.filter((item) => item.status === status).length;
    const counts = {
      total: items.length,
      queued: count('queued'),
      succeeded: count('succeeded'),
      failed: 0,
      canceled: count('canceled'),
    };
    const links = { self: '', events: '', results: '' };
    const status = counts.queued === 0 ? 'completed' : 'running';
    return { id, status, submittedAt: '', counts, aheadApproximately: 3, links };
  };

  async function sendEvents(id: string, request: IncomingMessage, response: ServerResponse) {
    const items = itemsOf(id);
    const sent = Buffer.from(String(request.headers['last-event-id'] ?? ''), 'base64url');
    const delivered = new Uint8Array(Math.ceil(items.length / 8));
    delivered.set(sent.subarray(0, delivered.length));
    const isDelivered = (index: number) =>
      ((delivered[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
    if (items.every(({ index }) => isDelivered(index))) return void response.writeHead(204).end();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (type: string, data: unknown) =>
      response.write(
        `event: ${type}\nid: ${Buffer.from(delivered).toString('base64url')}\ndata: ${JSON.stringify(data)}\n\n`,
      );
    send('progress', summary(id));
    while (!response.destroyed) {
      for (const item of itemsOf(id)) {
        if (item.status === 'queued' || isDelivered(item.index)) continue;
        delivered[item.index >> 3] = (delivered[item.index >> 3] ?? 0) | (1 << (item.index & 7));
        send('completed', item);
      }
      if (summary(id).status === 'completed') {
        send('done', summary(id));
        return void response.end();
      }
      await Promise.race([once(changes, 'change'), once(response, 'close')]);
    }
  }

  async function answer(
    { call, path, headers, body }: Arrived,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    const id = path.split('/')[3] ?? '';
    const json = (status: number, value: unknown, more: Record<string, string> = {}) =>
      void response
        .writeHead(status, { 'content-type': 'application/json', ...more })
        .end(JSON.stringify(value));
    switch (call) {
      case 'POST /v1/classifications': {
        const key = String(headers['idempotency-key']);
        const classification = accept(key, await fileNameOf(body, headers['content-type'] ?? ''));
        if (completes) complete(classification.id);
        const waits = /wait=[1-9]/.test(String(headers.prefer));
        const now = classifications.get(classification.id);
        return waits && now?.status !== 'queued' ? json(200, now) : json(202, classification);
      }
      case 'GET /v1/classifications/ID':
        while (classifications.get(id)?.status === 'queued') await once(changes, 'change');
        return classifications.has(id)
          ? json(200, classifications.get(id))
          : problem(response, 'not-found', 404);
      case 'POST /v1/classifications/ID/cancel': {
        const { submittedAt } = classifications.get(id) as Classification;
        const times = { submittedAt, completedAt: submittedAt, attempts: 0, links: { self: '' } };
        classifications.set(id, { id, status: 'canceled', ...times });
        changes.emit('change');
        return json(200, classifications.get(id));
      }
      case 'POST /v1/batches': {
        const batchId = randomUUID();
        const { classifications } = JSON.parse(body.toString()) as { classifications: string[] };
        batches.set(batchId, classifications);
        return json(202, { ...summary(batchId), items: itemsOf(batchId) });
      }
      case 'GET /v1/batches/ID':
        return json(200, { ...summary(id), items: itemsOf(id) });
      case 'GET /v1/batches/ID/events':
        return await sendEvents(id, request, response);
      case 'GET /v1/fleet':
        return json(200, { policy: 'deadline' });
      default:
        return problem(response, 'not-found', 404);
    }
  }

  const server = createServer((request, response) => {
    void (async () => {
      const path = request.url ?? '';
      const route = path.replace(/\?.*/, '').replace(/[0-9a-f-]{36}/, 'ID');
      const call = `${request.method} ${route}`;
      const { headers } = request;
      const one = { call, path, headers, body: await buffer(request) };
      arrived.push(one);
      changes.emit('arrival');
      if (interfere?.(one, response) !== true) await answer(one, request, response);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arrived,
    /** The arrived requests of one kind. */
    callsOf: (call: string) => arrived.filter((one) => one.call === call),
    complete,
    completeAll: () => {
      for (const [id, { status }] of classifications) if (status === 'queued') complete(id);
    },
    queued: () => [...classifications.values()].filter(({ status }) => status === 'queued'),
    /** How many requests there are: repeats of one make no other. */
    requests: () => classifications.size,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type StubGateway = Awaited<ReturnType<typeof startStubGateway>>;

/** Answers with a problem document. */
export const problem = (
  response: ServerResponse,
  code: string,
  status: number,
  headers: Record<string, string> = {},
): void =>
  void response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(
    JSON.stringify({
      type: `urn:labelfleet:problem:${code}`,
      title: code,
      status,
      detail: `It is ${code}.`,
      requestId: 'the-request',
    }),
  );

async function fileNameOf(body: Buffer, contentType: string): Promise<string | undefined> {
  if (!contentType.startsWith('multipart/')) return undefined;
  const headers = { 'content-type': contentType };
  const [[, file] = []] = [...(await new Response(new Uint8Array(body), { headers }).formData())];
  return file instanceof File ? file.name : undefined;
}

const succeeded = (id: string, fileName: string | undefined, at: string): Classification => ({
  id,
  status: 'succeeded',
  label: `label of ${fileName ?? 'a body'}`,
  predictions: [{ label: `label of ${fileName ?? 'a body'}`, score: 0.9, classIndex: 0 }],
  model: { name: 'stub', version: '1', sha256: '' },
  submittedAt: at,
  completedAt: at,
  attempts: 1,
  timings: { queuedMs: 0, fetchMs: 0, decodeMs: 0, inferMs: 0, totalMs: 0 },
  links: { self: '' },
  ...(fileName !== undefined && { fileName }),
});
