import { freePort } from '@labelfleet/testkit/free-port';
import { seededRandom } from '@labelfleet/testkit/random';
import { until } from '@labelfleet/testkit/until';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startProduct } from './start-product.ts';

const NGINX = '/usr/sbin/nginx';
const SOON = { timeoutMs: 10_000 };
const workspace = join(import.meta.dirname, '../../../..');

/** nginx with the settings of docs/operations.md, in front of a gateway. */
async function startNginx(gateway: string) {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  starting.defer(() => rm(folder, { recursive: true }));
  const docs = await readFile(join(workspace, 'docs/operations.md'), 'utf8');
  const location = /```nginx\n([^`]+)```/.exec(docs)?.[1] ?? '';
  expect(location).toContain('http://127.0.0.1:8080/');
  const port = await freePort(seededRandom(process.pid));
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; pid nginx.pid; error_log stderr;
    events {}
    http {
      access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f;
      uwsgi_temp_path u; scgi_temp_path s;
      server {
        listen 127.0.0.1:${port};
        ${location.replace('http://127.0.0.1:8080/', gateway)}
      }
    }`,
  );
  const nginx = spawn(NGINX, ['-p', folder, '-c', 'nginx.conf'], { stdio: 'inherit' });
  const exited = once(nginx, 'exit');
  starting.defer(async () => {
    nginx.kill('SIGQUIT');
    await exited;
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${url}/labels/healthz`).then(
      () => true,
      () => false,
    );
  await until('nginx answers', answers, SOON);
  const running = starting.move();
  return { url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

test.skipIf(!existsSync(NGINX))(
  'behind nginx under a prefix, links work, large images pass, and the log has the client',
  async () => {
    await using product = await startProduct('node', {
      MAX_WORKERS: '1',
      TRUSTED_PROXIES: '127.0.0.1',
    });
    await using nginx = await startNginx(product.variable('GATEWAY_URL'));
    const photo = await readFile(join(workspace, 'examples/ladybug.jpg'));
    // What follows the end of a JPEG does not matter, except that it has to be uploaded.
    const large = Buffer.concat([photo, Buffer.alloc(20_000_000)]);
    const post = (path: string, headers: Record<string, string> = {}) =>
      fetch(`${nginx.url}${path}`, {
        method: 'POST',
        body: new Uint8Array(large),
        headers: { 'content-type': 'image/jpeg', ...headers },
      });
    expect(await (await post('/labels/')).text()).toBe('ladybug');

    const page = { origin: nginx.url, prefer: 'respond-async' };
    const queued = await post('/labels/v1/classifications', page);
    expect(queued.status).toBe(202);
    const location = queued.headers.get('location') ?? '';
    expect(location).toMatch(/^\/labels\/v1\/classifications\//);
    const result = await fetch(nginx.url + location, { headers: { prefer: 'wait=30' } });
    expect(await result.json()).toMatchObject({ label: 'ladybug', links: { self: location } });
    expect((await post('/labels/', { origin: 'https://evil.example' })).status).toBe(403);

    const [answer] = (await once(
      get(`${nginx.url}/labels/nowhere`, { localAddress: '127.0.0.2' }),
      'response',
    )) as [IncomingMessage];
    expect(answer.resume().statusCode).toBe(404);
    const isLogged = async () =>
      (await readFile(join(product.dataDir, 'logs/gateway.log'), 'utf8')).includes(
        '"client":"127.0.0.2"',
      );
    await until('the log names the client', isLogged, SOON);
    const metrics = await (await fetch(product.variable('GATEWAY_METRICS_URL'))).text();
    expect(metrics).toContain('labelfleet_http_requests_seconds_count{route="/",status="200"} 1');
  },
);
