import { replayTick } from '@labelfleet/scaling';
import { describe, expect, it } from 'vitest';
import { createTestScaler } from './testing/test-scaler.ts';

/** A worker that boots in 40 s, classifies 80 images in 20 s, idles and is released. */
async function oneLife(scaler: ReturnType<typeof createTestScaler>) {
  scaler.images(80);
  await scaler.tick();
  const [id = ''] = scaler.alive();
  for (let seconds = 0; seconds < 40; seconds += 2) await scaler.tick();
  scaler.report(id, { type: 'started', busySlots: 2 });
  for (let settled = 4; settled <= 80; settled += 4) {
    scaler.images(Math.max(0, 78 - settled), Math.min(2, 80 - settled));
    scaler.report(id, { imagesCompleted: settled, busySeconds: settled / 4, busySlots: 1 });
    await scaler.tick(1);
  }
  const done = { imagesCompleted: 80, busySeconds: 20 };
  for (let idleSeconds = 0; idleSeconds < 130; idleSeconds += 2) {
    scaler.report(id, { ...done, idleSeconds });
    await scaler.tick();
  }
  const instructionId = scaler.instructionOf(id)?.id ?? '';
  scaler.report(id, { ...done, state: 'drained', instructionId });
  scaler.breakCalls('GetQueueAttributes');
  await scaler.tick();
  scaler.mendCalls();
  await scaler.tick();
  return id;
}

describe('every tick of the policy `deadline`', () => {
  it('can be replayed from its record to the same decision', async () => {
    const scaler = createTestScaler({ settings: { policy: 'deadline' } });
    const id = await oneLife(scaler);
    expect(scaler.instance(id).state).toBe('stopping');
    expect(scaler.ticks.length).toBeGreaterThan(100);
    const replays = scaler.ticks.map(replayTick);
    expect(replays.filter((replay) => replay.kind === 'malformed' || !replay.value.same)).toEqual(
      [],
    );
    const reasons = replays.flatMap((each) => (each.kind === 'decoded' ? [each.value.reason] : []));
    // Launched at once, let go (the one that never came up first), still while it cannot see.
    expect(reasons[0]).toBe('80 waiting; no worker is up: launch 2');
    const drains = reasons.filter((reason) => reason.endsWith('drain 1'));
    expect(drains).toHaveLength(2);
    expect(drains[0]).toContain('1 boot');
    expect(reasons.at(-2)).toMatch(/^the depth of the request queue is unknown/);
    expect(reasons.at(-1)).toMatch(/terminate 1$/);
  });

  it('has its terms in the log and the metrics, and its reason in the snapshot', async () => {
    const lines: unknown[] = [];
    const hear = (line: unknown) => void lines.push(line);
    const scaler = createTestScaler({
      settings: { policy: 'deadline' },
      tickLogger: { debug: () => undefined, info: hear, warn: hear, error: hear },
    });
    scaler.images(100);
    await scaler.tick();
    const reason = '100 waiting; no worker is up: launch 2';
    expect(lines).toEqual([
      expect.objectContaining({
        backlog: { visible: 100, inFlight: 0, delayed: 0 },
        fleet: { booting: 0, idle: 0, busy: 0, draining: 0, drained: 0, suspected: 0, leaving: 0 },
        terms: expect.objectContaining({
          needImages: 100,
          capacityImages: 0,
          missing: 2,
        }) as object,
        desired: 2,
        launched: 2,
        reason,
      }),
    ]);
    const shown = await scaler.metrics.registry.metrics();
    expect(shown).toContain('labelfleet_decision_terms{term="needImages"} 100');
    expect(shown).toContain('labelfleet_decision_terms{term="sustained"} 0');
    expect((await scaler.snapshot())?.decision).toMatchObject({ reason, desired: 2 });
  });

  it('shows no terms while something cannot be observed', async () => {
    const scaler = createTestScaler({ settings: { policy: 'deadline' } });
    await scaler.tick();
    scaler.breakCalls('GetQueueAttributes');
    await scaler.tick();
    expect(await scaler.metrics.registry.metrics()).not.toContain('labelfleet_decision_terms{');
  });
});
