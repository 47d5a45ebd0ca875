import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { startApp, type AppProcess } from '@labelfleet/testkit/app-process';
import { freePort } from '@labelfleet/testkit/free-port';
import { startHttpServer, type HttpServer } from '@labelfleet/testkit/http-server';
import { seededRandom } from '@labelfleet/testkit/random';
import { until } from '@labelfleet/testkit/until';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noNamespace, WORKSPACE } from './namespace.ts';
import { startNginx, type Nginx } from './nginx.ts';
import { missing } from './tools.ts';

/** How long a caller waits for a result. nginx's own limit is 60 s unless it is set. */
const WAIT_SECONDS = Number(process.env['NGINX_WAIT_SECONDS'] ?? 3);

const noNginx = missing('nginx') ?? noNamespace;
const JPEG = await readFile(join(WORKSPACE, 'examples/ladybug.jpg'));
const jpegHeaders = { 'content-type': 'image/jpeg' };
const doNotWait = { ...jpegHeaders, prefer: 'respond-async' };

describe.skipIf(noNginx)(`nginx before a gateway ${noNginx ?? ''}`, () => {
  let cloud: TestCloud;
  let environment: Record<string, string>;
  let gatewayUrl: URL;
  let gateway: AppProcess;
  let nginx: Nginx;

  const startGateway = async () => {
    gateway = startApp(join(WORKSPACE, 'dist/apps/gateway/main.js'), environment);
    await gateway.url;
    const ready = async () => (await fetch(new URL('/readyz', gatewayUrl))).ok;
    await until('the gateway is ready', ready, { timeoutMs: 20_000 });
  };

  beforeAll(async () => {
    await promisify(execFile)('npx', ['nx', 'run', 'gateway:build'], {
      cwd: WORKSPACE,
      env: { ...process.env, NX_DAEMON: 'false' },
    });
    cloud = await startTestCloud();
    for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
    gatewayUrl = new URL(`http://127.0.0.1:${await freePort(seededRandom(process.ppid))}`);
    environment = {
      ...cloud.environment,
      REQUEST_QUEUE_URL: await cloud.createQueue('requests'),
      INPUT_BUCKET: 'input',
      OUTPUT_BUCKET: 'output',
      STATE_BUCKET: 'state',
      PORT: gatewayUrl.port,
      METRICS_PORT: '0',
      TRUSTED_PROXIES: '127.0.0.1',
      PUBLIC_URL: 'http://203.0.113.9',
      REPLY_TIMEOUT_SECONDS: String(WAIT_SECONDS),
      MAX_IMAGE_BYTES: String(12 * 1024 * 1024),
    };
    await startGateway();
    nginx = await startNginx(gatewayUrl);
  });
  afterAll(async () => {
    await nginx[Symbol.asyncDispose]();
    await gateway[Symbol.asyncDispose]();
    await cloud[Symbol.asyncDispose]();
  });

  const post = (headers: Record<string, string>, body: Buffer<ArrayBuffer>, url = nginx.url) =>
    fetch(new URL('/v1/classifications', url), { method: 'POST', headers, body });
  const queued = async () => {
    const queue = cloud.sqs.queue(environment['REQUEST_QUEUE_URL'] ?? '');
    return (await queue.depth()).visible;
  };

  test('an image of 10 MB arrives whole', async () => {
    const image = Buffer.concat([JPEG, randomBytes(10 * 1024 * 1024)]);
    const answer = await post(doNotWait, image);
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    const input = cloud.s3.store('input');
    const [key = ''] = await input.list(id, 1);
    const stored = await input.get(key);
    expect(image.equals(stored?.body ?? Buffer.of())).toBe(true);
  });

  test.each([
    ['too large', 413, 'payload-too-large', jpegHeaders, Buffer.alloc(40 * 1024 * 1024)],
    [
      'of another type',
      415,
      'unsupported-media-type',
      { 'content-type': 'text/plain' },
      Buffer.from('no image'),
    ],
  ])(
    "the gateway's own answer reaches who sends what is %s",
    async (_, status, code, headers, body) => {
      const answer = await post(headers, body);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        status,
        'application/problem+json',
      ]);
      expect(await answer.json()).toMatchObject({ type: `urn:labelfleet:problem:${code}` });
    },
  );

  test(`a caller may wait ${WAIT_SECONDS} s`, async () => {
    const startedMs = performance.now();
    const answer = await post(jpegHeaders, JPEG);
    expect(answer.status).toBe(202);
    expect(performance.now() - startedMs).toBeGreaterThan(WAIT_SECONDS * 1000 - 100);
  });

  test('a preference reaches the gateway, and what was applied the caller', async () => {
    const answer = await post({ ...jpegHeaders, prefer: 'wait=1' }, JPEG);
    expect(answer.headers.get('preference-applied')).toBe('wait=1');
  });

  test('events of a request that is not completed arrive while they are followed', async () => {
    const { id } = (await (await post(doNotWait, JPEG)).json()) as { id: string };
    const followed = await fetch(new URL(`/v1/classifications/${id}/events`, nginx.url));
    expect(followed.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = followed.body?.pipeThrough(new TextDecoderStream()).getReader();
    let events = '';
    while (!events.includes('event: progress')) events += (await reader?.read())?.value ?? '';
    await reader?.cancel();
  });

  test('the page comes with its policy', async () => {
    const page = (url: URL) => fetch(url, { headers: { accept: 'text/html' } });
    const [through, direct] = await Promise.all([page(nginx.url), page(gatewayUrl)]);
    expect(through.headers.get('content-security-policy')).toMatch(/default-src/);
    expect(through.headers.get('content-security-policy')).toBe(
      direct.headers.get('content-security-policy'),
    );
    expect(await through.text()).toBe(await direct.text());
  });

  test.each([
    ['POST', '/v1/classifications', '203.0.113.9', 202],
    ['POST', '/v1/classifications', 'foreign.example', 403],
    ['GET', '/healthz', '10.0.0.5', 200],
  ])('%s %s at the name %s is answered by %d', async (method, path, host, status) => {
    const { hostname, port } = nginx.url;
    const headers = { ...doNotWait, host };
    const sent = request({ hostname, port, method, path, headers });
    sent.end(method === 'POST' ? JPEG : undefined);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(status);
  });

  test('metrics are for this machine only', async () => {
    const status = async (url: URL) => (await fetch(new URL('/metrics', url))).status;
    expect([await status(gatewayUrl), await status(nginx.url)]).toEqual([200, 404]);
  });

  test('a killed gateway ends its waits, sends nothing again, and is used as soon as it is back', async () => {
    const before = await queued();
    const waiting = post(jpegHeaders, JPEG);
    await until('the request is queued', async () => (await queued()) > before, {
      timeoutMs: 10_000,
    });
    await gateway.kill();
    expect((await waiting).status).toBe(502);
    expect((await post(doNotWait, JPEG)).status).toBe(502);
    await startGateway();
    expect((await post(doNotWait, JPEG)).status).toBe(202);
    expect(await queued()).toBe(before + 2);
  });
});

describe.skipIf(noNginx)(`nginx ${noNginx ?? ''}`, () => {
  test('sends a POST once, also when its connection breaks, new or used before', async () => {
    let posts = 0;
    await using gateway = await startHttpServer((request, response) => {
      if (request.method === 'GET') return void response.end('kept alive');
      posts += 1;
      request.socket.destroy();
    });
    await using nginx = await startNginx(gateway.url);
    for (const sent of [1, 2, 3]) {
      expect((await fetch(nginx.url)).status).toBe(200);
      const answer = await fetch(nginx.url, { method: 'POST', body: JPEG });
      expect([answer.status, posts]).toEqual([502, sent]);
    }
  });

  test('passes each server-sent event on before the next one', async () => {
    const received = Promise.withResolvers<void>();
    await using gateway = await startHttpServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: first\n\n');
      void received.promise.then(() => response.end('data: second\n\n'));
    });
    await using nginx = await startNginx(gateway.url);
    const { body } = await fetch(nginx.url);
    const events: string[] = [];
    for await (const chunk of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      events.push(chunk);
      received.resolve();
    }
    expect(events).toEqual(['data: first\n\n', 'data: second\n\n']);
  });
});

describe.skipIf(noNginx)(`nginx with a certificate ${noNginx ?? ''}`, () => {
  let nginx: Nginx;
  const seen: { method: string | undefined; url: string | undefined; host: string | undefined }[] =
    [];
  let gateway: HttpServer;
  beforeAll(async () => {
    gateway = await startHttpServer(({ method, url, headers }, response) => {
      seen.push({ method, url, host: headers.host });
      response.end('from the gateway');
    });
    nginx = await startNginx(gateway.url, 'https');
  });
  afterAll(async () => {
    await nginx[Symbol.asyncDispose]();
    await gateway[Symbol.asyncDispose]();
  });

  test('passes on what comes by HTTPS', async () => {
    const [answer] = (await once(
      get(new URL('/v1/fleet', nginx.url), { rejectUnauthorized: false }),
      'response',
    )) as [IncomingMessage];
    expect([answer.statusCode, await text(answer)]).toEqual([200, 'from the gateway']);
    expect(seen).toEqual([{ method: 'GET', url: '/v1/fleet', host: nginx.url.host }]);
  });

  test('redirects everything else, with its method and path', async () => {
    const sent = { method: 'POST', body: JPEG, redirect: 'manual' } as const;
    const answer = await fetch(new URL('/v1/classifications?topK=2', nginx.plainUrl), sent);
    expect([answer.status, answer.headers.get('location')]).toEqual([
      308,
      'https://127.0.0.1/v1/classifications?topK=2',
    ]);
  });

  test("answers Let's Encrypt by HTTP", async () => {
    const challenges = '/.well-known/acme-challenge/';
    const challenge = new URL(`${challenges}token`, nginx.plainUrl);
    expect((await fetch(challenge)).status).toBe(404);
    await mkdir(join(nginx.webroot, challenges), { recursive: true });
    await writeFile(join(nginx.webroot, challenges, 'token'), 'token.thumbprint');
    expect(await (await fetch(challenge)).text()).toBe('token.thumbprint');
  });
});
