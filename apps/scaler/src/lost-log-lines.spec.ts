import { startTestCloud } from '@labelfleet/aws/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createTestFleet } from './testing/test-fleet.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return String(port);
}

it('leads and stops cleanly while its log cannot be written, and counts the lost lines', async () => {
  await using cloud = await startTestCloud({
    images: { 'ami-sleeper': { command: ['sleep', '1000'] } },
  });
  const options = { name: 'mute', imageId: 'ami-sleeper', instanceType: 'c7g.large' };
  const fleet = await createTestFleet(cloud, options);
  await using full = await open('/dev/full', 'w');
  const port = await freePort();
  const scaler = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      ...cloud.environment,
      ...fleet.variables,
      ...{ PORT: port, TICK_SECONDS: '0.1', SCALING_POLICY: 'per-message' },
    },
    stdio: ['ignore', full.fd, 'inherit'],
  });
  const exited = once(scaler, 'exit');
  await fleet.requests.send({ body: 'an image' });
  await expect
    .poll(async () => (await fleet.instances()).length, { timeout: 20_000, interval: 100 })
    .toBe(1);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toMatch(/^labelfleet_log_lines_lost [1-9]/m);
  scaler.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
