import { describe, expect, it } from 'vitest';
import { createFakeCloud } from './testing/fake-cloud.ts';
import { createTestScaler } from './testing/test-scaler.ts';

type Scaler = ReturnType<typeof createTestScaler>;

/** Many images, so many workers that work, and a new version of the launch template. */
async function withOldWorkers(
  count: number,
  settings: Parameters<typeof createTestScaler>[0] = {},
) {
  const scaler = createTestScaler({
    ...settings,
    settings: { maxWorkers: 3, roll: true, ...settings.settings },
  });
  scaler.images(count);
  await scaler.tick();
  const old = scaler.alive();
  expect(old).toHaveLength(count);
  works(scaler, ...old);
  await scaler.tick();
  scaler.ec2.createLaunchTemplate('worker');
  return { scaler, old };
}

/** These workers report that they work, and follow their instructions at once. */
function works(scaler: Scaler, ...ids: string[]) {
  for (const id of ids) {
    const instruction = scaler.instructionOf(id);
    scaler.report(id, {
      busySlots: instruction?.kind === 'drain' ? 0 : 1,
      state: instruction?.kind === 'drain' ? 'drained' : 'working',
      imagesCompleted: 1,
      ...(instruction && { instructionId: instruction.id }),
    });
  }
}

const versionOf = (scaler: Scaler, id: string) => scaler.instance(id).template?.version;
const end = (scaler: Scaler) => {
  for (const id of scaler.alive())
    if (scaler.instance(id).state === 'stopping') scaler.ec2.setState(id, 'terminated');
};

/** Ticks until no worker is old, or for so long. Instances end, boot and report at once, except those that `stay`. */
async function roll(scaler: Scaler, boots: (id: string) => boolean = () => true) {
  const calls: string[] = [];
  let most = 0;
  let least = Infinity;
  for (let tick = 0; tick < 60; tick += 1) {
    calls.push(...(await scaler.tick()));
    end(scaler);
    const alive = scaler.alive();
    works(scaler, ...alive.filter((id) => versionOf(scaler, id) === '1' || boots(id)));
    most = Math.max(most, alive.length);
    const serving = alive.filter(
      (id) => scaler.instance(id).state === 'running' && scaler.instructionOf(id)?.kind !== 'drain',
    );
    least = Math.min(least, serving.length);
  }
  return { calls, most, least, versions: scaler.alive().map((id) => versionOf(scaler, id)) };
}

const launches = (calls: readonly string[]) => calls.filter((call) => call.startsWith('RunInst'));

describe('a new version of the launch template', () => {
  it('replaces the workers one at a time, without one less in between', async () => {
    const { scaler } = await withOldWorkers(2);
    const { versions, most, least, calls } = await roll(scaler);
    expect(versions).toEqual(['2', '2']);
    expect({ most, least }).toEqual({ most: 3, least: 2 });
    expect(launches(calls)).toHaveLength(2);
  });

  it('replaces them at the maximum with one less in between', async () => {
    const { scaler } = await withOldWorkers(3);
    const { versions, most, least } = await roll(scaler);
    expect(versions).toEqual(['2', '2', '2']);
    expect({ most, least }).toEqual({ most: 3, least: 2 });
  });

  it('changes nothing when WORKER_ROLL is off', async () => {
    const { scaler, old } = await withOldWorkers(2, { settings: { roll: false } });
    const { calls } = await roll(scaler);
    expect(calls).toEqual([]);
    expect(scaler.alive()).toEqual(old);
  });

  it.each([
    { workers: 2, left: 2 },
    { workers: 3, left: 2 },
  ])('that never boots leaves $left of $workers workers at work', async ({ workers, left }) => {
    const { scaler } = await withOldWorkers(workers);
    let failed = 0;
    for (let tick = 0; tick < 900; tick += 1) {
      await scaler.tick();
      end(scaler);
      for (const id of scaler.alive())
        if (versionOf(scaler, id) === '2' && scaler.instance(id).state !== 'terminated') {
          scaler.ec2.setState(id, 'terminated', {
            code: 'Server.InternalError',
            message: 'failed',
          });
          failed += 1;
        }
      works(scaler, ...scaler.alive());
    }
    expect(scaler.alive().map((id) => versionOf(scaler, id))).toEqual(Array(left).fill('1'));
    expect((await scaler.snapshot())?.decision?.reason).toMatch(/boots failed/);
    // Half an hour of failing boots, which slow down.
    expect(failed).toBeGreaterThan(5);
    expect(failed).toBeLessThan(30);

    scaler.ec2.createLaunchTemplate('worker');
    const { versions } = await roll(scaler);
    expect(new Set(versions)).toEqual(new Set(['3']));
  });

  it('is followed by the next leader where the last one was', async () => {
    const cloud = createFakeCloud();
    const { scaler } = await withOldWorkers(2, { cloud, name: 'a' });
    await scaler.tick(10);
    await scaler.tick();
    const [replacement = ''] = cloud.alive().filter((id) => versionOf(scaler, id) === '2');
    cloud.ec2.setState(replacement, 'running');

    const successor = createTestScaler({
      cloud,
      name: 'b',
      settings: { maxWorkers: 3, roll: true },
    });
    await scaler.lease.giveUp();
    expect(await successor.tick()).toEqual([]);
    const old = cloud.alive().filter((id) => id !== replacement);
    works(successor, ...old);
    // It has not heard of the replacement, which may still boot.
    expect(await successor.tick()).toEqual([]);
    works(successor, replacement, ...old);
    expect(await successor.tick()).toEqual([
      expect.stringMatching(`CreateTags (${old.join('|')})`),
    ]);
    expect((await roll(successor)).versions).toEqual(['2', '2']);
  });

  it('is read every 10 s, and not while there are no workers', async () => {
    const { scaler } = await withOldWorkers(2);
    let reads = 0;
    for (let tick = 0; tick < 30; tick += 1) {
      await scaler.tick();
      works(scaler, ...scaler.alive());
      reads += scaler.calls.filter((call) => call.startsWith('DescribeLaunchTemplates ')).length;
    }
    expect(reads).toBeLessThanOrEqual(7 + 2);
    const idle = createTestScaler({ settings: { roll: true } });
    await idle.tick();
    expect(idle.calls.filter((call) => call.includes('LaunchTemplate'))).toEqual([]);
  });
});
