import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { decodeFleetSnapshot, FLEET_LEASE_KEY, FLEET_SNAPSHOT_KEY } from '@labelfleet/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestFleet } from '../testing/test-fleet.ts';
import { startScalerProcess } from '../testing/scaler-process.ts';

const IMAGE = 'ami-sleeps';
const WAIT = { timeout: 30_000, interval: 50 };
const SUBNETS = ['subnet-0000000000000000a', 'subnet-0000000000000000b'] as const;
const [FIRST, SECOND] = SUBNETS;

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud({ images: { [IMAGE]: { command: ['sleep', '600'] } } });
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** A separate fleet, with the variables of its scaler. */
async function aFleet(name: string, settings: Readonly<Record<string, string>>) {
  const fleet = await createTestFleet(cloud, { name, imageId: IMAGE, instanceType: 't3.micro' });
  return {
    ...fleet,
    variables: {
      ...cloud.environment,
      ...fleet.variables,
      SCALING_POLICY: 'per-message',
      TICK_SECONDS: '0.1',
      LEASE_SECONDS: '2',
      ...settings,
    },
    async cost() {
      const object = await fleet.state.get(FLEET_SNAPSHOT_KEY);
      const decoded = decodeFleetSnapshot(new TextDecoder().decode(object?.body));
      return decoded.kind === 'decoded' ? decoded.value.cost : undefined;
    },
  };
}

const faults = async (method: 'POST' | 'DELETE', body?: object) => {
  const response = await fetch(`${cloud.endpoint}/_local/faults`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
};

describe('WORKER_INSTANCE_TYPES, WORKER_SUBNET_IDS and WORKER_MARKET', () => {
  const settings = {
    MIN_WORKERS: '1',
    MAX_WORKERS: '1',
    WORKER_INSTANCE_TYPES: 'c7g.large,c7i.large',
    WORKER_SUBNET_IDS: SUBNETS.join(','),
    WORKER_MARKET: 'spot,on-demand',
    PRICES_USD: 'c7g.large/spot=0.03',
  };

  it.each([
    {
      name: 'all-free',
      full: undefined,
      launched: { market: 'spot', instanceType: 'c7g.large', subnetId: FIRST },
      cost: { perHourNow: 0.03, spotAtMost: false },
    },
    {
      name: 'full-subnet',
      full: { market: 'spot', subnet: FIRST },
      launched: { market: 'spot', instanceType: 'c7g.large', subnetId: SECOND },
      cost: { perHourNow: 0.03, spotAtMost: false },
    },
    {
      name: 'full-type',
      full: { market: 'spot', instanceType: 'c7g.*' },
      launched: { market: 'spot', instanceType: 'c7i.large', subnetId: FIRST },
      // On demand: the most that Spot may cost
      cost: { perHourNow: 0.08925, spotAtMost: true },
    },
    {
      name: 'no-spot',
      full: { market: 'spot' },
      launched: { market: 'on-demand', instanceType: 'c7g.large', subnetId: FIRST },
      cost: { perHourNow: 0.0725, spotAtMost: false },
    },
  ])('$name: launches $launched', async ({ name, full, launched, cost }) => {
    const fleet = await aFleet(name, settings);
    if (full !== undefined) await faults('POST', { kind: 'capacity', match: full });
    await using scaler = await startScalerProcess(fleet.variables);
    await vi.waitFor(async () => expect(await fleet.instances()).toMatchObject([launched]), WAIT);
    expect(await scaler.role()).toBe('leader');
    await vi.waitFor(async () => expect(await fleet.cost()).toMatchObject(cost), WAIT);
    await faults('DELETE');
  });
});

describe('DRY_RUN', () => {
  it('logs its decision and changes nothing', async () => {
    const fleet = await aFleet('dry', {
      DRY_RUN: 'true',
      WORKER_INSTANCE_TYPES: 'c7g.large',
      WORKER_MARKET: 'spot',
    });
    await fleet.events.send({ body: 'for the leader' });
    await Promise.all([1, 2, 3].map((n) => fleet.requests.send({ body: `image ${n}` })));
    await using scaler = await startScalerProcess(fleet.variables);
    expect(await scaler.role()).toBe('dry-run');
    await vi.waitFor(
      () =>
        expect(scaler.lines()).toContainEqual(
          expect.objectContaining({
            event: 'dry-run.decided',
            decision: { desired: 3, launch: 3, resume: [], drain: [], terminate: [] },
            reason: '3 images at one each want 3 workers; 0 live: 3 to launch',
            places: [{ market: 'spot', instanceType: 'c7g.large' }],
          }),
        ),
      WAIT,
    );
    expect(await fleet.instances()).toEqual([]);
    expect(await fleet.requests.depth()).toEqual({ visible: 3, inFlight: 0, delayed: 0 });
    expect(await fleet.events.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(await fleet.state.get(FLEET_SNAPSHOT_KEY)).toBeNull();
    expect(await fleet.state.get(FLEET_LEASE_KEY)).toBeNull();
  });
});
