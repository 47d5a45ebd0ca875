import { startTestCloud } from '@labelfleet/aws/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { imageForm } from './testing/uploads.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return String(port);
}

describe.each(['/dev/full', 'a pipe whose reader is gone', 'a pipe that nobody reads'])(
  'a gateway that logs to %s',
  (where) => {
    test('accepts images, is ready, and reports the lost lines', async () => {
      await using cloud = await startTestCloud();
      for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
      await using full = await open('/dev/full', 'w');
      const port = await freePort();
      const env = {
        ...cloud.environment,
        REQUEST_QUEUE_URL: await cloud.createQueue('requests'),
        ...{ INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state', PORT: port },
        METRICS_PORT: '0',
      };
      const stdout = where === '/dev/full' ? full.fd : 'pipe';
      const gateway = spawn(process.execPath, [MAIN], {
        env,
        stdio: ['ignore', stdout, 'inherit'],
      });
      if (where === 'a pipe whose reader is gone') gateway.stdout?.destroy();
      const exited = once(gateway, 'exit');
      const url = `http://127.0.0.1:${port}`;
      const ready = () => fetch(`${url}/readyz`).then((response) => response.status, String);
      await expect.poll(ready, { timeout: 20_000 }).toBe(200);

      const { contentType, body } = imageForm();
      for (let image = 1; image <= 20; image++) {
        const response = await fetch(`${url}/v1/classifications`, {
          method: 'POST',
          body: new Uint8Array(body),
          headers: { 'content-type': contentType, prefer: 'respond-async' },
        });
        expect(response.status).toBe(202);
      }
      const readiness = await (await fetch(`${url}/readyz`)).text();
      const metrics = await (await fetch(`${url}/metrics`)).text();
      if (where !== 'a pipe that nobody reads') {
        expect(readiness).toMatch(/"\d+ log lines were lost\."/);
        expect(metrics).toMatch(/^labelfleet_log_lines_lost [1-9]/m);
      }
      gateway.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    });
  },
);
