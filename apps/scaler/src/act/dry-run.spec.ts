import { describe, expect, it } from 'vitest';
import { dryRun } from './dry-run.ts';
import { createTestScaler } from '../testing/test-scaler.ts';

describe('a dry run', () => {
  it('logs each new decision once, with the places for launches, and changes nothing', async () => {
    const said: unknown[] = [];
    const places = [{ market: 'spot', instanceType: 'c7g.large' }] as const;
    const act = dryRun({ info: (line: unknown) => said.push(line) }, places);
    const scaler = createTestScaler({ act });
    scaler.images(2);
    await scaler.tick();
    scaler.images(3);
    expect(await scaler.tick()).toEqual([]);
    expect(await scaler.tick()).toEqual([]);
    scaler.images(0);
    await scaler.tick();
    expect(said).toMatchObject([
      { decision: { launch: 2 }, places },
      { decision: { launch: 3 }, places },
      { decision: { launch: 0 } },
    ]);
    expect(said[2]).not.toHaveProperty('places');
    expect(scaler.alive()).toEqual([]);
  });
});
