import { describe, expect, it } from 'vitest';
import { EMPTY_MEMORY } from '../memory/fleet-memory.ts';
import { createTestScaler } from '../testing/test-scaler.ts';

/** One worker that has been idle for 9 s and was instructed to drain. */
async function withDrainingWorker() {
  const scaler = createTestScaler();
  const id = await scaler.launchIdleWorker();
  await scaler.tick();
  return { scaler, id };
}

describe('the release of a worker', () => {
  it('begins with a drain instruction, once it has been idle for long enough', async () => {
    const { scaler, id } = await withDrainingWorker();
    expect(scaler.instructionOf(id)?.kind).toBe('drain');
    expect(scaler.memory.read().instructions[id]?.id).toBe(scaler.instructionOf(id)?.id);
  });

  it('ends only when it has reported `drained` under that instruction', async () => {
    const { scaler, id } = await withDrainingWorker();
    const instructionId = scaler.instructionOf(id)?.id ?? '';
    scaler.report(id, { state: 'draining', instructionId });
    expect(await scaler.tick()).toEqual([]);
    scaler.report(id, { state: 'drained', instructionId });
    expect(await scaler.tick()).toEqual([`TerminateInstances ${id}`]);
    expect(await scaler.tick()).toEqual([]);
    scaler.ec2.setState(id, 'terminated');
    await scaler.tick();
    expect({ ...scaler.memory.read(), boots: EMPTY_MEMORY.boots }).toEqual(EMPTY_MEMORY);
  });

  it.each([
    ['under an older instruction', '1-old'],
    ['under none', undefined],
  ])('does not end when it reports `drained` %s: it is instructed again', async (_, older) => {
    const { scaler, id } = await withDrainingWorker();
    const reportOlder = () =>
      scaler.report(id, {
        state: 'drained',
        ...(older === undefined ? {} : { instructionId: older }),
      });
    reportOlder();
    expect(await scaler.tick(3)).toEqual([]);
    scaler.report(id, { state: 'drained', instructionId: '1-old' });
    expect(await scaler.tick(3)).toEqual([]);
    reportOlder();
    expect(await scaler.tick()).toEqual([`CreateTags ${id}`]);
  });

  it('is canceled when images come: the worker resumes without a boot', async () => {
    const { scaler, id } = await withDrainingWorker();
    const drain = scaler.instructionOf(id);
    scaler.report(id, { state: 'drained', instructionId: drain?.id ?? '' });
    scaler.images(1);
    expect(await scaler.tick()).toEqual([`CreateTags ${id}`]);
    const resume = scaler.instructionOf(id);
    expect(resume?.kind).toBe('resume');

    // Its `drained` was for the older instruction, and no longer counts.
    scaler.report(id, { state: 'drained', instructionId: drain?.id ?? '' });
    scaler.images(0);
    expect(await scaler.tick()).toEqual([]);

    scaler.report(id, { instructionId: resume?.id ?? '', idleSeconds: 2 });
    expect(await scaler.tick()).toEqual([]);
    expect(scaler.ec2.instances()).toHaveLength(1);
  });

  it('cannot be canceled after the decision to terminate', async () => {
    const { scaler, id } = await withDrainingWorker();
    scaler.breakCalls('TerminateInstances');
    scaler.report(id, { state: 'drained', instructionId: scaler.instructionOf(id)?.id ?? '' });
    expect(await scaler.tick()).toEqual([`TerminateInstances ${id}`]);
    scaler.images(1);
    scaler.mendCalls();
    expect(await scaler.tick()).toEqual(['RunInstances token-2', `TerminateInstances ${id}`]);
  });

  it('has its instruction set again until that succeeds', async () => {
    const scaler = createTestScaler();
    const id = await scaler.launchIdleWorker();
    scaler.breakCalls('CreateTags');
    expect(await scaler.tick()).toEqual([`CreateTags ${id}`]);
    // Backing off: 1 s after the first failure
    expect(await scaler.tick(0.5)).toEqual([]);
    scaler.mendCalls();
    expect(await scaler.tick(0.5)).toEqual([`CreateTags ${id}`]);
    expect(await scaler.tick()).toEqual([]);
  });
});

describe('a worker of an earlier scaler', () => {
  /** A worker that another scaler launched, and instructed to drain. */
  async function adopted() {
    const scaler = createTestScaler();
    const { id, version } = await scaler.ec2.fleet.resolveLaunchTemplate('worker');
    await scaler.ec2.fleet.launch({
      clientToken: 'of-another',
      count: 1,
      launchTemplateId: id,
      launchTemplateVersion: version,
      market: 'on-demand',
      tags: { 'labelfleet:fleet': 'test', 'labelfleet:launch': 'of-another' },
    });
    const [worker = ''] = scaler.alive();
    scaler.ec2.setState(worker, 'running');
    return { scaler, id: worker };
  }

  it('counts as capacity, and is not launched again', async () => {
    const { scaler } = await adopted();
    scaler.images(1);
    expect(await scaler.tick()).toEqual([]);
  });

  it('is instructed to drain again, and terminated only under the new id', async () => {
    const { scaler, id } = await adopted();
    scaler.report(id, { state: 'drained', instructionId: '99-theirs' });
    expect(await scaler.tick()).toEqual([`CreateTags ${id}`]);
    const instruction = scaler.instructionOf(id);
    expect(instruction?.kind).toBe('drain');
    scaler.report(id, { state: 'drained', instructionId: instruction?.id ?? '' });
    expect(await scaler.tick()).toEqual([`TerminateInstances ${id}`]);
  });

  it('is resumed while it drains if it is needed', async () => {
    const { scaler, id } = await adopted();
    scaler.images(0, 1);
    scaler.report(id, { state: 'draining', instructionId: '99-theirs', busySlots: 1 });
    expect(await scaler.tick()).toEqual([`CreateTags ${id}`]);
    expect(scaler.instructionOf(id)?.kind).toBe('resume');
  });
});

describe('a boot that is no longer needed', () => {
  /** Two that boot for 100 images, of which none is left a few seconds later. */
  async function withDrainingBoots() {
    const scaler = createTestScaler({ settings: { policy: 'deadline' } });
    scaler.images(100);
    await scaler.tick();
    scaler.images(0);
    await scaler.tick();
    const calls = await scaler.tick(5);
    return { scaler, ids: scaler.alive(), calls };
  }

  it('is instructed to drain before its first heartbeat', async () => {
    const { ids, calls } = await withDrainingBoots();
    expect(ids).toHaveLength(2);
    expect(calls.toSorted()).toEqual(ids.map((id) => `CreateTags ${id}`));
  });

  it('is terminated after its first heartbeat says `drained`, and after a minute', async () => {
    const { scaler, ids } = await withDrainingBoots();
    const [id = ''] = ids;
    const instructionId = scaler.instructionOf(id)?.id ?? '';
    const drained = () => scaler.report(id, { type: 'started', state: 'drained', instructionId });
    drained();
    expect(await scaler.tick(10)).toEqual([]);
    drained();
    expect(await scaler.tick(60)).toEqual([`TerminateInstances ${id}`]);
  });

  it('is resumed when images come, and no worker is launched', async () => {
    const { scaler, ids } = await withDrainingBoots();
    scaler.images(1);
    const [calls = ''] = await scaler.tick();
    expect(ids.map((id) => `CreateTags ${id}`)).toContain(calls);
    expect(await scaler.tick()).toEqual([]);
    expect(scaler.alive()).toHaveLength(2);
  });
});
