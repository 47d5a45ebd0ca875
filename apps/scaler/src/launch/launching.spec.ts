import { WORKER_TAGS } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { createTestScaler } from '../testing/test-scaler.ts';

describe('a launch', () => {
  it('carries its client token, its fleet and the template’s version, in one call a tick', async () => {
    const scaler = createTestScaler();
    scaler.images(3);
    expect(await scaler.tick()).toEqual(['RunInstances token-1']);
    expect(scaler.ec2.instances().map(({ tags }) => tags)).toEqual(
      Array.from({ length: 3 }, () => ({
        [WORKER_TAGS.fleet]: 'test',
        [WORKER_TAGS.launch]: 'token-1',
      })),
    );
    expect(await scaler.tick()).toEqual([]);
  });

  it('is not made when the last one is not visible yet, for up to 6.5 min', async () => {
    const scaler = createTestScaler();
    scaler.images(3);
    await scaler.tick();
    scaler.hideInstances();
    expect(await scaler.tick()).toEqual([]);
    expect(await scaler.tick(386)).toEqual([]);
    expect(await scaler.tick()).toEqual(['RunInstances token-2']);
  });

  it('is sent again with the same token after no response, and nothing else meanwhile', async () => {
    const scaler = createTestScaler();
    scaler.images(2);
    scaler.breakCalls('RunInstances');
    expect(await scaler.tick()).toEqual(['RunInstances token-1']);
    scaler.images(4);
    expect(await scaler.tick(0.5)).toEqual([]);
    scaler.mendCalls();
    expect(await scaler.tick()).toEqual(['RunInstances token-1']);
    expect(scaler.memory.read().intents).toHaveLength(1);
    expect(scaler.alive()).toHaveLength(2);
    expect(await scaler.tick()).toEqual(['RunInstances token-2']);
    expect(scaler.alive()).toHaveLength(4);
  });

  it.each([
    ['no-capacity', 'another subnet at the next tick', 'subnet-b', 2],
    ['limit', 'nowhere else for the same type, until 3 min later', 'subnet-a', 180],
    ['throttled', 'the same place after a backoff', 'subnet-a', 2],
    ['not-authenticated', 'the same place after a backoff', 'subnet-a', 2],
    ['refused', 'another subnet at the next tick', 'subnet-b', 2],
  ] as const)('that ends in %s is repeated: %s', async (kind, _, subnetId, afterSeconds) => {
    const scaler = createTestScaler({ places: { subnetIds: ['subnet-a', 'subnet-b'] } });
    scaler.images(1);
    scaler.ec2.failNextLaunch({ kind, code: 'Code', message: 'for a test' });
    expect(await scaler.tick()).toEqual(['RunInstances token-1']);
    expect(scaler.alive()).toEqual([]);
    if (afterSeconds > 2) expect(await scaler.tick()).toEqual([]);
    expect(await scaler.tick(afterSeconds)).toEqual(['RunInstances token-2']);
    expect(scaler.ec2.instances().map((instance) => instance.subnetId)).toEqual([subnetId]);
  });

  it('replaces a worker that was killed, while there are images for it', async () => {
    const scaler = createTestScaler();
    scaler.images(2);
    await scaler.tick();
    const [killed = ''] = scaler.alive();
    scaler.images(0, 2);
    for (const id of scaler.alive()) scaler.report(id, { busySlots: 1, idleSeconds: 0 });
    scaler.ec2.setState(killed, 'terminated');
    expect(await scaler.tick()).toEqual(['RunInstances token-2']);
    expect(scaler.alive()).toHaveLength(2);
  });

  it('waits for room while draining workers still count', async () => {
    const scaler = createTestScaler({ settings: { maxWorkers: 2 } });
    scaler.images(2);
    await scaler.tick();
    for (const id of scaler.alive()) scaler.report(id, { type: 'stopped', imagesCompleted: 1 });
    expect(await scaler.tick()).toEqual([]);
    for (const id of scaler.alive()) scaler.ec2.setState(id, 'terminated');
    expect(await scaler.tick()).toEqual(['RunInstances token-2']);
  });
});

describe('a launch that EC2 refuses', () => {
  const refusal = {
    kind: 'refused',
    code: 'InvalidSubnetID.NotFound',
    message: 'no such subnet',
  } as const;
  const places = { subnetIds: ['subnet-a', 'subnet-b'] };

  it('is logged with its code, its place and what to do, and named in the reason', async () => {
    const errors: unknown[] = [];
    const silent = () => undefined;
    const tickLogger = {
      debug: silent,
      info: silent,
      warn: silent,
      error: (line: unknown) => void errors.push(line),
    };
    const scaler = createTestScaler({ places, tickLogger });
    scaler.images(1);
    scaler.ec2.failNextLaunch(refusal);
    await scaler.tick();
    expect(errors).toEqual([
      {
        event: 'launch.refused',
        code: 'InvalidSubnetID.NotFound',
        place: { market: 'on-demand', subnetId: 'subnet-a' },
        detail: 'InvalidSubnetID.NotFound: no such subnet',
        advice: 'name existing subnets in WORKER_SUBNET_IDS',
      },
    ]);
    expect((await scaler.snapshot())?.decision.reason).toMatch(
      /; EC2 refuses launches in 1 of 2 places, last with InvalidSubnetID.NotFound$/,
    );
  });

  it('in every place is tried again after a backoff, and named in the reason', async () => {
    const scaler = createTestScaler({ places });
    scaler.images(1);
    for (let launch = 0; launch < 4; launch += 1) scaler.ec2.failNextLaunch(refusal);
    const tokens: string[] = [];
    for (let ticks = 0; ticks < 5; ticks += 1) tokens.push(...(await scaler.tick()));
    expect(tokens).toEqual([1, 2, 3, 4, 5].map((n) => `RunInstances token-${n}`));
    expect((await scaler.snapshot())?.decision.reason).toMatch(
      /; EC2 refuses launches in 1 of 2 places/,
    );
    expect(scaler.alive()).toHaveLength(1);
  });

  it('with an unknown code blocks neither the other places nor the next launch', async () => {
    const scaler = createTestScaler({ places });
    scaler.images(1);
    scaler.ec2.failNextLaunch({ ...refusal, code: 'NobodyKnowsThis' });
    await scaler.tick();
    expect(await scaler.tick()).toEqual(['RunInstances token-2']);
    expect(scaler.ec2.instances().map(({ subnetId }) => subnetId)).toEqual(['subnet-b']);
  });
});

it('because EC2 knows the token with other parameters uses a new token in the same place', async () => {
  const scaler = createTestScaler({ places: { subnetIds: ['subnet-a', 'subnet-b'] } });
  scaler.images(1);
  scaler.ec2.failNextLaunch({
    kind: 'refused',
    code: 'IdempotentParameterMismatch',
    message: 'for a test',
  });
  expect(await scaler.tick()).toEqual(['RunInstances token-1']);
  expect(await scaler.tick()).toEqual(['RunInstances token-2']);
  expect(scaler.ec2.instances().map(({ subnetId }) => subnetId)).toEqual(['subnet-a']);
});

describe('a launch without a response', () => {
  it('is sent for 6.5 min with its token, and then the demand is met in another place', async () => {
    const scaler = createTestScaler({ places: { subnetIds: ['subnet-a', 'subnet-b'] } });
    scaler.images(2);
    scaler.breakCalls('RunInstances token-1');
    const calls: string[] = [];
    for (let seconds = 0; seconds <= 390; seconds += 2) calls.push(...(await scaler.tick()));
    expect(new Set(calls.slice(0, -1))).toEqual(new Set(['RunInstances token-1']));
    expect(calls.at(-1)).toBe('RunInstances token-2');
    expect(scaler.ec2.instances().map(({ subnetId }) => subnetId)).toEqual([
      'subnet-b',
      'subnet-b',
    ]);
  });

  it('that reached EC2, and whose instances have ended, is followed by another', async () => {
    const scaler = createTestScaler();
    scaler.images(2);
    scaler.breakCalls('RunInstances');
    await scaler.tick();
    scaler.mendCalls();
    const [intent] = scaler.memory.read().intents;
    if (intent !== undefined) await scaler.ec2.fleet.launch(intent.request);
    for (const id of scaler.alive()) scaler.ec2.setState(id, 'terminated');
    scaler.hideInstances();
    expect(await scaler.tick()).toEqual(['RunInstances token-1']);
    expect(await scaler.tick()).toEqual(['RunInstances token-2']);
  });
});

describe('a tick with an unknown observation', () => {
  it.each(['GetQueueAttributes', 'DescribeInstances'])(
    '%s: changes nothing and says so in the snapshot',
    async (operation) => {
      const scaler = createTestScaler();
      const id = await scaler.launchIdleWorker(90);
      scaler.breakCalls(operation);
      expect(await scaler.tick()).toEqual([]);
      const snapshot = await scaler.snapshot();
      expect(snapshot?.decision).toMatchObject({ desired: 1, launched: 0, drained: 0 });
      expect(snapshot?.decision.reason).toContain(': no change');
      scaler.mendCalls();
      expect(await scaler.tick()).toEqual([`CreateTags ${id}`]);
    },
  );
});

describe('a run of images, one worker each', () => {
  it('launches as many instances as there are images, up to the maximum, and no more at its end', async () => {
    const scaler = createTestScaler({ settings: { maxWorkers: 20 } });
    const launched = () => scaler.ec2.instances().length;
    scaler.images(7);
    await scaler.tick();
    scaler.images(100);
    await scaler.tick();
    expect(launched()).toBe(20);
    const ids = scaler.alive();
    // The images go one by one; who has none left is idle, drains and ends.
    for (let left = 100; left >= 0; left -= 1) {
      const inFlight = Math.min(left, 20);
      scaler.images(left - inFlight, inFlight);
      for (const [index, id] of ids.entries()) {
        if (!scaler.alive().includes(id)) continue;
        const instruction = scaler.instructionOf(id);
        if (id in scaler.memory.read().terminates) continue;
        scaler.report(id, {
          state: instruction?.kind === 'drain' ? 'drained' : 'working',
          busySlots: index < inFlight ? 1 : 0,
          idleSeconds: index < inFlight ? 0 : 6,
          ...(instruction === undefined ? {} : { instructionId: instruction.id }),
        });
      }
      await scaler.tick();
      for (const { instanceId, state } of scaler.ec2.instances()) {
        if (state === 'stopping') scaler.ec2.setState(instanceId, 'terminated');
      }
    }
    expect(launched()).toBe(20);
    for (const id of scaler.alive()) {
      scaler.report(id, { state: 'drained', instructionId: scaler.instructionOf(id)?.id ?? '' });
    }
    await scaler.tick();
    expect(
      scaler.ec2.instances().every(({ state }) => state === 'stopping' || state === 'terminated'),
    ).toBe(true);
  });
});
