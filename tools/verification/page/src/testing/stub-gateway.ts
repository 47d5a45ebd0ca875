import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const WEB = join(import.meta.dirname, '../../../../../dist/apps/gateway/web');
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  jpg: 'image/jpeg',
};

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
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    const file = await readFile(join(WEB, name), 'utf8').catch(() => undefined);
    if (file === undefined) return problem(404, 'not-found', 'None', pathname);
    const bytes = name.endsWith('.jpg') ? await readFile(join(WEB, name)) : file;
    response.writeHead(200, {
      'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? '',
      'content-security-policy': CONTENT_SECURITY_POLICY,
    });
    response.end(
      typeof bytes === 'string'
        ? bytes.replaceAll('{maxImageBytes}', '33554432').replaceAll('{maxImageMegabytes}', '32 MB')
        : bytes,
    );
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

const MODEL = {
  name: 'everyday-100',
  version: '1',
  labels: ['goldfish', 'ladybug', 'orange', 'sunglasses', 'alp', 'seashore', 'ice cream'],
  calibration: {
    thresholds: [
      { score: 0, precisionAtLeast: 0.68 },
      { score: 0.62, precisionAtLeast: 0.9 },
    ],
  },
};

/** A classification of the stub. */
export const succeeded = (label: string, score: number) => ({
  status: 'succeeded',
  label,
  predictions: [
    { label, score, classIndex: 1 },
    { label: 'ice cream', score: (1 - score) / 2, classIndex: 2 },
    { label: 'a label with a rather long name', score: (1 - score) / 4, classIndex: 3 },
    { label: 'bathtub', score: (1 - score) / 8, classIndex: 4 },
    { label: 'alp', score: 0.0001, classIndex: 5 },
  ],
  model: {
    name: 'everyday-100',
    version: '1',
    sha256: 'c2bd31ec2ce6d9d934d4ba3ae4fe9a30530ffb528b4ad4049846eac605d7ae79',
  },
  completedAt: '2026-11-22T05:12:50.140Z',
  attempts: 1,
  timings: { queuedMs: 12, fetchMs: 4, decodeMs: 3, inferMs: 21, totalMs: 44 },
  worker: 'i-08b10e6d3055c0d57',
  cost: { currency: 'USD', total: 0.0000138449 },
});

export const failed = {
  status: 'failed',
  problem: {
    type: 'urn:labelfleet:problem:invalid-image',
    title: 'The image cannot be decoded',
    status: 422,
    detail: 'The JPEG image ends early: its end marker is missing. Send the whole file.',
    requestId: 'r',
  },
  completedAt: '2026-11-22T05:12:50.140Z',
};

/** A fleet snapshot of now. */
export function fleetSnapshot(overrides: object = {}) {
  const ago = (seconds: number) => new Date(Date.now() - 1000 * seconds).toISOString();
  return {
    at: ago(1),
    publishedEverySeconds: 10,
    stale: false,
    policy: 'deadline',
    workers: { booting: 1, idle: 0, busy: 2, draining: 1, suspected: 0 },
    limits: { min: 0, max: 20 },
    queue: { backlog: 12, inFlight: 4, delayed: 0 },
    decision: {
      at: ago(3),
      desired: 3,
      launched: 1,
      drained: 0,
      reason: '12 waiting, 4 in flight; 2 workers serve 8/s: launch 1',
    },
    estimatedWaitSeconds: 9,
    learned: { serviceSeconds: 0.2, bootSecondsP50: 16, bootSecondsP95: 24 },
    instances: [
      { id: 'i-1', state: 'busy', since: ago(40), completed: 31 },
      { id: 'i-2', state: 'busy', since: ago(12), completed: 8 },
      { id: 'i-3', state: 'booting', since: ago(6), completed: 0 },
      { id: 'i-4', state: 'draining', since: ago(2), completed: 120 },
    ],
    cost: {
      currency: 'USD',
      perHourNow: 0.2678,
      perImage: 0.000017147,
      lastHour: { images: 661, total: 0.01133401 },
    },
    history: Array.from({ length: 60 }, (_, index) => ({
      at: ago(600 - 10 * index),
      backlog: Math.max(0, Math.round(30 * Math.sin(index / 9))),
      inFlight: 2,
      workers: 2,
    })),
    ...overrides,
  };
}
