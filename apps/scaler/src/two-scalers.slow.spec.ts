import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestFleet } from './testing/test-fleet.ts';
import { startHoldingProxy } from './testing/holding-proxy.ts';
import { startScalerProcess, type ScalerProcess } from './testing/scaler-process.ts';

const IMAGE = 'ami-stand-in';
const WORKER = fileURLToPath(new URL('./testing/fake-worker.ts', import.meta.url));
const MAX = 2;
const WAIT = { timeout: 50_000, interval: 50 };

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud({ images: { [IMAGE]: { command: [process.execPath, WORKER] } } });
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** A separate fleet, with the variables of its scalers. */
async function aFleet(name: string) {
  const options = { name, imageId: IMAGE, instanceType: 'c7g.large' };
  const { variables, requests, instances } = await createTestFleet(cloud, options);
  let most = 0;
  const alive = async () => {
    const count = (await instances()).filter(({ state }) => state !== 'terminated').length;
    most = Math.max(most, count);
    return count;
  };
  return {
    variables: {
      ...cloud.environment,
      ...variables,
      SCALING_POLICY: 'per-message',
      MAX_WORKERS: String(MAX),
      TICK_SECONDS: '0.1',
      IDLE_BEFORE_RELEASE_SECONDS: '0.3',
      LEASE_SECONDS: '2',
    },
    most: () => most,
    launched: async () => (await instances()).length,
    images: (count: number) =>
      Promise.all(Array.from({ length: count }, (_, n) => requests.send({ body: `image ${n}` }))),
    alive,
    /** An image on a worker that was stopped at work would be in flight for longer than this waits. */
    allSettledAndGone: () =>
      vi.waitFor(async () => {
        const left = await alive();
        expect(await requests.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
        expect(left).toBe(0);
      }, WAIT),
  };
}

const becomes = (scaler: ScalerProcess, role: string) =>
  vi.waitFor(async () => expect(await scaler.role()).toBe(role), WAIT);

describe.concurrent('two scalers', { timeout: 90_000 }, () => {
  it('one leads; the other stands by, and takes over when the first is killed', async () => {
    const fleet = await aFleet('killed');
    await using first = await startScalerProcess(fleet.variables);
    await becomes(first, 'leader');
    await using second = await startScalerProcess(fleet.variables);
    expect(await second.role()).toBe('standby');
    await fleet.images(4);
    await vi.waitFor(async () => expect(await fleet.alive()).toBe(MAX), WAIT);
    expect(await second.role()).toBe('standby');
    first.signal('SIGKILL');
    await becomes(second, 'leader');
    await fleet.allSettledAndGone();
    expect(await fleet.launched()).toBe(MAX);
  });

  it('hand over at once when the first is stopped', async () => {
    const fleet = await aFleet('asked');
    // Longer than this test waits
    const variables = { ...fleet.variables, LEASE_SECONDS: '60' };
    await using first = await startScalerProcess(variables);
    await becomes(first, 'leader');
    await using second = await startScalerProcess(variables);
    first.signal('SIGTERM');
    await becomes(second, 'leader');
  });

  it.each(['RunInstances', 'CreateTags', 'TerminateInstances'])(
    'the first is stopped in %s, and woken when the second has taken over',
    async (operation) => {
      const fleet = await aFleet(operation);
      await using proxy = await startHoldingProxy(cloud.endpoint);
      await using first = await startScalerProcess({
        ...fleet.variables,
        AWS_ENDPOINT_URL_EC2: proxy.url,
      });
      await becomes(first, 'leader');
      const call = proxy.hold(operation);
      await fleet.images(4);
      await call.reached;
      first.signal('SIGSTOP');
      await using second = await startScalerProcess(fleet.variables);
      await becomes(second, 'leader');
      await fleet.images(4);
      await vi.waitFor(async () => expect(await fleet.alive()).toBe(MAX), WAIT);
      call.release();
      first.signal('SIGCONT');
      await becomes(first, 'standby');
      expect(await second.role()).toBe('leader');
      await fleet.allSettledAndGone();
      expect(fleet.most()).toBe(MAX);
    },
  );
});

describe('a scaler that launches', { timeout: 90_000 }, () => {
  const setFault = (fault: object) =>
    fetch(`${cloud.endpoint}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });

  it('killed before its call, leaves it to the next leader, which makes it although it is throttled once', async () => {
    const fleet = await aFleet('throttled');
    await using proxy = await startHoldingProxy(cloud.endpoint);
    const endpoint = { AWS_ENDPOINT_URL_EC2: proxy.url };
    await using first = await startScalerProcess({ ...fleet.variables, ...endpoint });
    await becomes(first, 'leader');
    const call = proxy.hold('RunInstances');
    await fleet.images(MAX);
    await call.reached;
    first.signal('SIGKILL');
    await setFault({ kind: 'throttle', action: 'RunInstances', count: 1 });
    await using second = await startScalerProcess(fleet.variables);
    await becomes(second, 'leader');
    await fleet.allSettledAndGone();
    expect(await fleet.launched()).toBe(MAX);
  });

  it('refused in one subnet, launches in the next and says so', async () => {
    const fleet = await aFleet('refused');
    const WORKER_SUBNET_IDS = 'subnet-00000000000000dead,subnet-0000000000000000a';
    await using scaler = await startScalerProcess({ ...fleet.variables, WORKER_SUBNET_IDS });
    await fleet.images(MAX);
    await fleet.allSettledAndGone();
    expect(await fleet.launched()).toBe(MAX);
    expect(scaler.lines()).toContainEqual(
      expect.objectContaining({
        level: 'error',
        event: 'launch.refused',
        code: 'InvalidSubnetID.NotFound',
      }),
    );
  });
});
