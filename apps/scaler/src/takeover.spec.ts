import { describe, expect, it } from 'vitest';
import { createFakeCloud, type FakeCloud } from './testing/fake-cloud.ts';
import { createTestScaler } from './testing/test-scaler.ts';

const MAX = 3;

/** The first of two scalers holds the lease; the second stands by. */
async function two() {
  const cloud = createFakeCloud();
  const settings = { maxWorkers: MAX };
  const first = createTestScaler({ cloud, settings, name: 'a-' });
  const second = createTestScaler({ cloud, settings, name: 'b-' });
  await first.tick();
  await second.tick(0);
  expect([first.lease.role, second.lease.role]).toEqual(['leader', 'standby']);
  return { cloud, first, second };
}

/**
 * Two scalers: the first was killed while its launch of all there may be was on its way, the second has the lease.
 */
async function twoAndALaunchWithoutAnswer() {
  const all = await two();
  const { cloud, first, second } = all;
  cloud.images(MAX);
  cloud.breakCalls('RunInstances');
  await first.tick();
  cloud.mendCalls();
  await second.standBy(11);
  return all;
}

const AS_EC2_SAYS = { code: 'Code', message: 'for a test' };

/** Two scalers, and a worker that was instructed to drain and has reported `drained`. */
async function twoAndADrainedWorker() {
  const all = await two();
  const { cloud, first } = all;
  const id = await first.launchIdleWorker();
  await first.tick();
  const instructionId = cloud.instructionOf(id)?.id ?? '';
  first.report(id, { state: 'drained', instructionId });
  return { ...all, id, drained: { state: 'drained', instructionId } as const };
}

const count = (calls: readonly string[], prefix: string) =>
  calls.filter((call) => call.startsWith(prefix)).length;

describe('a scaler that stops between its lease check and a call, while another takes over', () => {
  it('RunInstances: launches nothing a second time', async () => {
    const { cloud, first, second } = await two();
    cloud.images(MAX);
    const call = cloud.hold('RunInstances');
    const stopped = first.tick();
    await call.reached;
    await second.standBy(11);
    expect(second.lease.role).toBe('leader');
    expect(await second.tick()).toEqual(['RunInstances a-token-1']);
    expect(cloud.alive()).toHaveLength(MAX);

    call.release();
    await stopped;
    expect(first.lease.leads()).toBe(false);
    expect(cloud.ec2.instances()).toHaveLength(MAX);
    expect(await first.tick()).toEqual([]);
    expect(first.lease.role).toBe('standby');
    expect(await second.tick()).toEqual([]);
    expect(cloud.ec2.instances()).toHaveLength(MAX);
  });

  it('RunInstances: stays within the maximum if the replay was refused and the first call reaches EC2', async () => {
    const { cloud, first, second } = await two();
    cloud.images(2);
    const call = cloud.hold('RunInstances');
    const stopped = first.tick();
    await call.reached;
    await second.standBy(11);
    cloud.ec2.failNextLaunch({ kind: 'no-capacity', code: 'Code', message: 'for a test' });
    cloud.images(20);
    expect(await second.tick()).toEqual(['RunInstances a-token-1']);
    // The two may still come: there is room for one.
    await second.tick(200);
    expect(cloud.alive()).toHaveLength(1);
    call.release();
    await stopped;
    await second.tick();
    expect(cloud.alive()).toHaveLength(MAX);
    await second.tick(600);
    expect(cloud.ec2.instances()).toHaveLength(MAX);
  });

  it('RunInstances: sends the launch again, with its token, at the tick after a replay was throttled', async () => {
    const { cloud, second } = await twoAndALaunchWithoutAnswer();
    cloud.ec2.failNextLaunch({ kind: 'throttled', ...AS_EC2_SAYS });
    expect(await second.tick()).toEqual(['RunInstances a-token-1']);
    expect(cloud.alive()).toEqual([]);
    expect(await second.tick()).toEqual(['RunInstances a-token-1']);
    expect(cloud.alive()).toHaveLength(MAX);
  });

  it.each(['no-capacity', 'limit', 'refused'] as const)(
    'RunInstances: sends it again when its place is open again, after a replay ended in %s and leaves no room',
    async (kind) => {
      const { cloud, second } = await twoAndALaunchWithoutAnswer();
      cloud.ec2.failNextLaunch({ kind, ...AS_EC2_SAYS });
      expect(await second.tick()).toEqual(['RunInstances a-token-1']);
      let calls: string[] = [];
      for (let seconds = 0; seconds < 180 && calls.length === 0; seconds += 2)
        calls = await second.tick();
      expect(calls).toEqual(['RunInstances a-token-1']);
      expect(cloud.alive()).toHaveLength(MAX);
    },
  );

  it('RunInstances: has room again when the call has expired, 16.5 min after it was written', async () => {
    const { cloud, second } = await twoAndALaunchWithoutAnswer();
    cloud.ec2.failNextLaunch({ kind: 'no-capacity', ...AS_EC2_SAYS });
    await second.tick();
    cloud.images(0);
    await second.tick(990);
    cloud.images(MAX);
    expect(await second.tick()).toEqual(['RunInstances b-token-1']);
  });

  it('TerminateInstances: the worker is never resumed, so it holds no image', async () => {
    const { cloud, first, second, id, drained } = await twoAndADrainedWorker();
    const call = cloud.hold('TerminateInstances');
    const stopped = first.tick();
    await call.reached;
    await second.standBy(11);
    second.report(id, drained);
    cloud.images(1);
    cloud.breakCalls('TerminateInstances');
    expect(await second.tick()).toEqual(['RunInstances b-token-1', `TerminateInstances ${id}`]);
    expect(cloud.instructionOf(id)?.kind).toBe('drain');
    cloud.mendCalls();
    call.release();
    await stopped;
    expect(cloud.instance(id).state).toBe('stopping');
    expect(count(await second.tick(), 'Terminate')).toBe(0);
  });

  it('TerminateInstances: is not called if the lease does not contain the decision', async () => {
    const { cloud, first, second, id, drained } = await twoAndADrainedWorker();
    const write = cloud.hold('PutObject');
    const stopped = first.tick();
    await write.reached;
    // The other calls the worker back: the decision never stood.
    await second.standBy(11);
    second.report(id, drained);
    cloud.images(1);
    await second.tick();
    expect(cloud.instructionOf(id)?.kind).toBe('resume');
    cloud.calls.length = 0;
    write.release();
    await stopped;
    expect(count(cloud.calls, 'TerminateInstances')).toBe(0);
    expect(first.lease.role).toBe('standby');
    expect(cloud.instance(id).state).toBe('running');
  });

  it('CreateTags: the newer instruction counts, and the release waits for a heartbeat under it', async () => {
    const { cloud, first, second } = await two();
    const id = await first.launchIdleWorker();
    const call = cloud.hold('CreateTags');
    const stopped = first.tick();
    await call.reached;
    await second.standBy(11);
    second.report(id, { idleSeconds: 0, busySlots: 1 });
    cloud.images(0, 1);
    // The inherited instruction first, and then, since there is an image again, the call back to work.
    await second.tick();
    await second.tick();
    const resume = cloud.instructionOf(id);
    expect(resume?.kind).toBe('resume');
    call.release();
    await stopped;
    expect(cloud.instructionOf(id)).toEqual(resume);
    second.report(id, { busySlots: 1, idleSeconds: 0, instructionId: resume?.id ?? '' });
    expect(await second.tick()).toEqual([]);
    expect(cloud.instance(id).state).toBe('running');
  });
});

describe('a scaler killed between two steps', () => {
  it.each([
    ['the intent and RunInstances', 'not called', true, ['RunInstances a-token-1']],
    ['RunInstances and its answer, not yet visible', 'called', false, ['RunInstances a-token-1']],
    ['RunInstances and its answer, visible', 'called', true, []],
  ])('%s: the next leader makes the launch once', async (_, step, visible, replay) => {
    const { cloud, first, second } = await two();
    cloud.images(2);
    const call = cloud.hold('RunInstances');
    const killed = first.tick();
    await call.reached;
    if (step === 'called') {
      call.release();
      await killed;
    }
    if (!visible) cloud.hideInstances();
    await second.standBy(11);
    expect(second.lease.read().intents).toMatchObject([{ request: { count: 2 } }]);
    expect(await second.tick()).toEqual(replay);
    cloud.showInstances();
    await second.tick();
    expect(cloud.ec2.instances()).toHaveLength(2);
    expect(second.lease.read().intents).toEqual([]);
  });

  it('`drained` and the decision to terminate: the next leader gets the next heartbeat, and decides', async () => {
    const { cloud, second, id, drained } = await twoAndADrainedWorker();
    await second.standBy(11);
    expect(await second.tick()).toEqual([`CreateTags ${id}`]);
    expect(cloud.instance(id).state).toBe('running');
    second.report(id, drained);
    expect(await second.tick()).toEqual([`TerminateInstances ${id}`]);
  });

  it('the decision and TerminateInstances: the next leader terminates without a heartbeat', async () => {
    const { cloud, first, second, id } = await twoAndADrainedWorker();
    cloud.breakCalls('TerminateInstances');
    await first.tick();
    cloud.mendCalls();
    await second.standBy(11);
    expect(await second.tick()).toEqual([`TerminateInstances ${id}`]);
  });

  it('the instruction and CreateTags: the next leader sets the same', async () => {
    const { cloud, first, second } = await two();
    const id = await first.launchIdleWorker();
    cloud.breakCalls('CreateTags');
    await first.tick();
    const written = first.lease.read().instructions[id]?.id;
    cloud.mendCalls();
    await second.standBy(11);
    expect(await second.tick()).toEqual([`CreateTags ${id}`]);
    expect(cloud.instructionOf(id)?.id).toBe(written);
  });
});

describe('the leader of the lease', () => {
  it('does nothing that it could not write into the lease', async () => {
    const { cloud, first } = await two();
    cloud.images(2);
    cloud.breakCalls('PutObject');
    cloud.breakCalls('GetObject');
    expect(await first.tick()).toEqual([]);
    cloud.mendCalls();
    // What was meant is decided anew.
    expect(await first.tick()).toEqual(['RunInstances a-token-2']);
  });

  it('does not repeat a launch if it could not write that into the lease', async () => {
    const { cloud, first } = await two();
    cloud.images(2);
    cloud.breakCalls('RunInstances');
    await first.tick();
    cloud.mendCalls();
    cloud.breakCalls('PutObject');
    expect(await first.tick()).toEqual([]);
    cloud.mendCalls();
    expect(await first.tick()).toEqual(['RunInstances a-token-1']);
  });

  it('makes no further call in a tick in which its lease runs out', async () => {
    const { cloud, first, id } = await twoAndADrainedWorker();
    cloud.breakCalls('TerminateInstances');
    await first.tick();
    cloud.mendCalls();
    cloud.images(1);
    const launch = cloud.hold('RunInstances');
    const slow = first.tick();
    await launch.reached;
    cloud.clock.pass(9000);
    launch.release();
    await slow;
    expect(count(cloud.calls, 'TerminateInstances')).toBe(0);
    expect(await first.tick()).toEqual([`TerminateInstances ${id}`]);
  });

  it('makes no call if its lease is too old, even if no scaler has taken it', async () => {
    const { cloud, first } = await two();
    cloud.images(2);
    const look = cloud.hold('GetQueueAttributes');
    const slow = first.tick();
    await look.reached;
    cloud.clock.pass(9000);
    cloud.breakCalls('PutObject');
    look.release();
    await slow;
    expect(cloud.ec2.instances()).toEqual([]);
    cloud.mendCalls();
    expect(await first.tick()).toHaveLength(1);
  });

  it('does not send a launch that it wrote long ago before it is written again', async () => {
    const { cloud, first } = await twoAndADrainedWorker();
    cloud.images(2);
    const call = cloud.hold('CreateTags');
    const stopped = first.tick();
    await call.reached;
    // It was suspended for minutes, no scaler has taken its lease, and it renews that first.
    cloud.clock.pass(240_000);
    await first.lease.due();
    expect(first.lease.leads()).toBe(true);
    cloud.calls.length = 0;
    call.release();
    await stopped;
    expect(count(cloud.calls, 'RunInstances')).toBe(0);
    expect(await first.tick()).toContain('RunInstances a-token-2');
    expect(cloud.alive()).toHaveLength(2);
  });

  it('lets a standby lead at once when it gives the lease up', async () => {
    const { first, second } = await two();
    await first.lease.giveUp();
    await second.standBy(1);
    expect(second.lease.role).toBe('leader');
    expect(first.lease.role).toBe('standby');
  });

  it('keeps the lease by renewals while nothing changes', async () => {
    const { first, second } = await two();
    for (let elapsed = 0; elapsed < 60; elapsed += 1) {
      await first.standBy(1);
      await second.lease.due();
    }
    expect([first.lease.role, second.lease.role]).toEqual(['leader', 'standby']);
  });
});

describe('scalers that are killed one after the other', () => {
  const EVERY_SECONDS = [30, 60, 200];
  /** One that takes the lease when it has stood still, and acts until it is killed. */
  async function oneAfter(
    cloud: FakeCloud,
    name: string,
    seconds: number,
    each?: (scaler: ReturnType<typeof createTestScaler>) => void,
    policy: 'per-message' | 'deadline' = 'per-message',
  ) {
    const scaler = createTestScaler({ cloud, settings: { maxWorkers: MAX, policy }, name });
    await scaler.standBy(11);
    for (let left = seconds - 11; left > 0; left -= 2) {
      scaler.hear(2);
      each?.(scaler);
      await scaler.tick(0);
    }
  }

  /** A worker that one of them launched for one image. */
  async function withOneWorker() {
    const cloud = createFakeCloud();
    cloud.images(1);
    await oneAfter(cloud, '0-', 20);
    const [id = ''] = cloud.alive();
    return { cloud, id };
  }

  it.each(EVERY_SECONDS)(
    'every %i s, each before its launch is answered, launch when EC2 takes the launch at last',
    async (seconds) => {
      const cloud = createFakeCloud();
      cloud.images(MAX);
      for (let n = 1; n <= 3; n += 1) {
        cloud.breakCalls('RunInstances');
        await oneAfter(cloud, `${n}-`, seconds);
        cloud.mendCalls();
        cloud.ec2.failNextLaunch({ kind: 'throttled', ...AS_EC2_SAYS });
      }
      await oneAfter(cloud, 'last-', 20);
      expect(cloud.alive()).toHaveLength(MAX);
      expect(cloud.ec2.instances()).toHaveLength(MAX);
    },
  );

  it.each(EVERY_SECONDS)(
    'every %i s, leave a launch that EC2 never answers, for one that it does',
    async (seconds) => {
      const cloud = createFakeCloud();
      cloud.images(MAX);
      cloud.breakCalls('RunInstances 1-token-1');
      const began = cloud.clock.unixMs();
      for (let n = 1; cloud.alive().length === 0; n += 1) {
        expect(cloud.clock.unixMs() - began).toBeLessThan(33 * 60_000 * 1.35 + 2 * seconds * 1000);
        await oneAfter(cloud, `${n}-`, seconds);
      }
      expect(cloud.alive()).toHaveLength(MAX);
    },
  );

  it.each(EVERY_SECONDS)(
    'every %i s, terminate a boot that sends no heartbeat',
    async (seconds) => {
      const { cloud, id } = await withOneWorker();
      cloud.ec2.setState(id, 'running');
      const began = cloud.clock.unixMs();
      for (let n = 1; cloud.instance(id).state === 'running'; n += 1) {
        expect(cloud.clock.unixMs() - began).toBeLessThan(20 * 60_000);
        await oneAfter(cloud, `${n}-`, seconds);
      }
      expect(cloud.clock.unixMs() - began).toBeGreaterThan(200_000);
    },
  );

  it.each(EVERY_SECONDS)('every %i s, terminate a worker that hangs', async (seconds) => {
    const { cloud, id } = await withOneWorker();
    await oneAfter(cloud, '1-', seconds, (scaler) =>
      scaler.report(id, { busySlots: 1, idleSeconds: 0 }),
    );
    const began = cloud.clock.unixMs();
    for (let n = 2; cloud.instance(id).state === 'running'; n += 1) {
      expect(cloud.clock.unixMs() - began).toBeLessThan(20 * 60_000);
      await oneAfter(cloud, `${n}-`, seconds);
    }
  });

  it.each(EVERY_SECONDS)(
    'every %i s, terminate no worker that sends heartbeats',
    async (seconds) => {
      const { cloud, id } = await withOneWorker();
      for (let n = 1; n <= 12; n += 1) {
        await oneAfter(cloud, `${n}-`, seconds, (scaler) =>
          scaler.report(id, { busySlots: 1, idleSeconds: 0 }),
        );
        expect(cloud.instance(id).state).toBe('running');
      }
    },
  );

  it.each(EVERY_SECONDS)(
    'every %i s, release the workers that the policy deadline does not need any more',
    async (seconds) => {
      const cloud = createFakeCloud();
      cloud.images(40);
      await oneAfter(cloud, '0-', 20, undefined, 'deadline');
      cloud.images(0);
      const idle = (scaler: ReturnType<typeof createTestScaler>) => {
        for (const id of cloud.alive()) scaler.report(id, { idleSeconds: 100 });
      };
      const began = cloud.clock.unixMs();
      const isDraining = () =>
        cloud.alive().some((id) => cloud.instructionOf(id)?.kind === 'drain');
      for (let n = 1; !isDraining(); n += 1) {
        expect(cloud.clock.unixMs() - began).toBeLessThan(20 * 60_000);
        await oneAfter(cloud, `${n}-`, seconds, idle, 'deadline');
      }
    },
  );

  it('terminate no worker for recorded silence before they have listened for 10 s themselves', async () => {
    const { cloud, id } = await withOneWorker();
    cloud.ec2.setState(id, 'running');
    const first = createTestScaler({ cloud, settings: { maxWorkers: MAX }, name: '1-' });
    await first.standBy(11);
    await first.tick();
    for (let second = 0; second < 220; second += 2) {
      first.hear(2);
      await first.tick(0);
    }
    expect(first.lease.read().silentMs[id]).toBeGreaterThan(210_000);
    const next = createTestScaler({ cloud, settings: { maxWorkers: MAX }, name: '2-' });
    await next.standBy(11);
    await next.tick();
    next.hear(10);
    await next.tick(0);
    expect(cloud.instance(id).state).toBe('running');
    next.hear(6);
    await next.tick(0);
    expect(cloud.instance(id).state).toBe('stopping');
  });
});
