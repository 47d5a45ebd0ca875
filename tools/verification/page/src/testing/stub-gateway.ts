import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MODEL } from './answers.ts';
import { readPageFile } from './page-files.ts';
import { stubJobs } from './stub-jobs.ts';

/** What the stub has of a request. */
interface Stubbed {
  id: string;
  fileName: string;
  result: object | undefined;
}

/**
 * Serves the built page with a gateway of which the test decides every answer, for states that the product is in only
 * for moments. What the page and the product do together is tested with the product.
 */
export async function startStubGateway() {
  const requests: Stubbed[] = [];
  const byKey = new Map<string, Stubbed>();
  const batches: string[][] = [];
  const streams = new Set<{ response: ServerResponse; batch: number }>();
  const stub = {
    /** The answer of `GET /v1/fleet`; none was published while undefined. */
    fleet: undefined as object | undefined,
    estimatedWait: undefined as object | undefined,
    apiKey: undefined as string | undefined,
    /** Uploads get no answer before it resolves. */
    uploads: Promise.resolve(),
    requests,
    batches,
    jobs: stubJobs(),
    /** Gives requests their results and tells the streams. */
    complete(resultOf: (request: Stubbed, index: number) => object | undefined) {
      requests.forEach((request, index) => (request.result ??= resultOf(request, index)));
      for (const stream of streams) tell(stream);
    },
    url: new URL('http://127.0.0.1'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  const view = ({ id, fileName, result }: Stubbed) => ({
    id,
    fileName,
    submittedAt: '2026-11-22T05:12:49.140Z',
    status: 'queued',
    ...(stub.estimatedWait && { aheadApproximately: 4, estimatedWait: stub.estimatedWait }),
    ...result,
  });
  const itemsOf = (batch: number) =>
    (batches[batch] ?? []).flatMap((id, index) => {
      const request = requests.find((one) => one.id === id);
      return request === undefined ? [] : [{ index, ...view(request) }];
    });
  const progressOf = (batch: number) => {
    const items = itemsOf(batch);
    const count = (status: string) => items.filter((item) => item.status === status).length;
    return {
      counts: {
        total: items.length,
        queued: count('queued'),
        succeeded: count('succeeded'),
        failed: count('failed'),
        canceled: 0,
      },
      ...(stub.estimatedWait && { aheadApproximately: 4, estimatedWait: stub.estimatedWait }),
    };
  };
  const batchView = (batch: number) => {
    const progress = progressOf(batch);
    return {
      id: `batch-${batch}`,
      status: progress.counts.queued === 0 ? 'completed' : 'running',
      ...progress,
      items: itemsOf(batch),
    };
  };
  function tell({ response, batch }: { response: ServerResponse; batch: number }) {
    const send = (event: string, data: object) =>
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    for (const item of itemsOf(batch)) if (item.status !== 'queued') send('completed', item);
    send('progress', progressOf(batch));
    if (progressOf(batch).counts.queued > 0) return;
    send('done', {});
    response.end();
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://stub');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('latin1');
    const json = (status: number, value: object, type = 'application/json') => {
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value));
    };
    const problem = (status: number, code: string, title: string, detail: string) =>
      json(
        status,
        { type: `urn:labelfleet:problem:${code}`, title, status, detail, requestId: 'r' },
        'application/problem+json',
      );
    const isApi = pathname.startsWith('/v1/');
    if (isApi && stub.apiKey && request.headers.authorization !== `Bearer ${stub.apiKey}`)
      return problem(401, 'unauthorized', 'A valid API key is needed', 'Send one.');
    const [, , kind, id = '', part] = pathname.split('/');
    if (isApi && kind === 'jobs')
      return stub.jobs.answer({ request, response, body, id, part, json, problem });
    const batch = Number(id.replace('batch-', ''));
    switch (isApi ? `${request.method} ${kind}` : '') {
      case 'GET fleet':
        return stub.fleet ? json(200, stub.fleet) : problem(404, 'not-found', 'None', 'None yet.');
      case 'GET models':
        return json(200, { models: [MODEL] });
      case 'POST classifications': {
        await stub.uploads;
        const fileName = /filename="([^"]*)"/.exec(body)?.[1] ?? '';
        if (fileName.endsWith('.txt')) {
          const detail = 'The file is text. Send a JPEG, PNG, WebP, GIF, AVIF or TIFF image.';
          return problem(415, 'unsupported-media-type', 'The media type is not supported', detail);
        }
        const key = String(request.headers['idempotency-key']);
        const known = byKey.get(key);
        const stubbed = known ?? { id: `request-${requests.length}`, fileName, result: undefined };
        if (known === undefined) {
          byKey.set(key, stubbed);
          requests.push(stubbed);
        }
        return json(202, view(stubbed));
      }
      case 'POST batches': {
        const { classifications } = JSON.parse(body) as { classifications: string[] };
        batches.push(classifications);
        return json(202, batchView(batches.length - 1));
      }
      case 'GET batches': {
        if (batches[batch] === undefined) return problem(404, 'not-found', 'None', 'None.');
        if (part !== 'events') return json(200, batchView(batch));
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const stream = { response, batch };
        streams.add(stream);
        response.on('close', () => streams.delete(stream));
        return tell(stream);
      }
    }
    const file = await readPageFile(pathname);
    if (file === undefined) return problem(404, 'not-found', 'None', pathname);
    response.writeHead(200, file.headers).end(file.body);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stub.url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return stub;
}

export type StubGateway = Awaited<ReturnType<typeof startStubGateway>>;
