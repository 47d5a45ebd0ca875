import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepLoopbackDirect } from './direct-loopback.ts';

it.each([
  [{}, '127.0.0.1,localhost,::1,[::1]'],
  [{ NO_PROXY: 'example.org, localhost' }, 'example.org,localhost,127.0.0.1,::1,[::1]'],
  [{ no_proxy: 'a.example', NO_PROXY: 'b.example' }, 'a.example,127.0.0.1,localhost,::1,[::1]'],
])('%j becomes %s, in both spellings', (given, hosts) => {
  const env: NodeJS.ProcessEnv = { ...given };
  keepLoopbackDirect(env);
  expect(env).toEqual({ no_proxy: hosts, NO_PROXY: hosts });
});

it('changes nothing when no host uses the proxy', () => {
  const env = { NO_PROXY: '*' };
  keepLoopbackDirect(env);
  expect(env).toEqual({ NO_PROXY: '*' });
});

const servers: Server[] = [];
async function listen(text: string, host: string): Promise<number> {
  const server = createServer((_, response) => response.end(text));
  // Node sends CONNECT to a proxy, to open the tunnel for its fetch.
  server.on('connect', (_, socket) => socket.end('HTTP/1.1 502 Proxied\r\n\r\n'));
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
let proxy: number;
let port: number;
beforeAll(async () => {
  [proxy, port] = await Promise.all([listen('proxied', '127.0.0.1'), listen('direct', '::')]);
});
afterAll(() => servers.forEach((server) => server.close()));

/** The responses that a process with a proxy, and a child that it starts, get from this machine. */
async function answers(host: string, keep: boolean): Promise<string[]> {
  const get = `await fetch('http://${host}:${port}/').then((r) => r.text(), () => 'proxied')`;
  const child = `console.log(${get})`;
  const module = fileURLToPath(new URL('direct-loopback.ts', import.meta.url));
  const script = `
    const { keepLoopbackDirect } = await import(${JSON.stringify(module)});
    if (${keep}) keepLoopbackDirect(process.env);
    console.log(${get});
    const { execFileSync } = await import('node:child_process');
    process.stdout.write(execFileSync(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(child)}]));
  `;
  const { PATH } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script],
    { env: { PATH, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${proxy}` } },
  );
  return stdout.trim().split('\n');
}

it.each(['127.0.0.1', 'localhost', '[::1]'])(
  'a process and its children reach %s without the proxy',
  async (host) => {
    expect(await answers(host, true)).toEqual(['direct', 'direct']);
  },
);

it('a process that did not call it uses the proxy', async () => {
  expect(await answers('127.0.0.1', false)).toEqual(['proxied', 'proxied']);
});
