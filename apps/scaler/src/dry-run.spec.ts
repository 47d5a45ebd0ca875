import { describe, expect, it } from 'vitest';
import { dryRun } from './dry-run.ts';
import { scalerOnFakes } from './testing/scaler-on-fakes.ts';

describe('a dry run', () => {
  it('says each new decision once and touches nothing', async () => {
    const said: unknown[] = [];
    const scaler = scalerOnFakes({ act: dryRun({ info: (line: unknown) => said.push(line) }) });
    scaler.images(2);
    await scaler.tick();
    scaler.images(3);
    expect(await scaler.tick()).toEqual([]);
    expect(await scaler.tick()).toEqual([]);
    expect(said).toMatchObject([{ decision: { launch: 2 } }, { decision: { launch: 3 } }]);
    expect(scaler.alive()).toEqual([]);
  });
});
