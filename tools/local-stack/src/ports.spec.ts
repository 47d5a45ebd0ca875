import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { findPorts } from './ports.ts';

const host = '127.0.0.1';
const ANY = {
  gateway: { host, port: 0, metricsPort: undefined },
  scalerPort: 0,
  localCloudPort: 0,
};

test('finds free ports below those of outgoing connections', async () => {
  const { gateway, gatewayMetrics, scaler, localCloud } = await findPorts(ANY);
  const ports = [gateway, gatewayMetrics, scaler, localCloud];
  expect(new Set(ports).size).toBe(4);
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_000);
    await using server = createServer().listen(port, host);
    await once(server, 'listening');
  }
});

test('finds no port twice', async () => {
  const { scaler: port } = await findPorts(ANY);
  const twice = findPorts({ ...ANY, gateway: { ...ANY.gateway, port }, localCloudPort: port });
  await expect(twice).rejects.toThrow(
    `LOCAL_CLOUD_PORT=${port}: port ${port} of 127.0.0.1 is in use`,
  );
});

test('refuses a port in use by the name of its variable', async () => {
  await using server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await expect(findPorts({ ...ANY, scalerPort: port })).rejects.toThrow(
    `SCALER_PORT=${port}: port ${port} of 127.0.0.1 is in use`,
  );
});
