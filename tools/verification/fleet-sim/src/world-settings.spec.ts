import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { aWorld, decodeWorldChanges } from './world-settings.ts';

test('changes only the given settings of a world', () => {
  const decoded = decodeWorldChanges('{"slots":3,"boot":{"medianSeconds":5,"logSpread":0}}');
  if (decoded.kind === 'malformed') throw new Error(decoded.reason);
  const world = aWorld(decoded.value);
  expect(world).toMatchObject({ slots: 3, threads: 2, boot: { medianSeconds: 5, slowFactor: 3 } });
});

test('accepts every setting', () => {
  expect(decodeWorldChanges(JSON.stringify(aWorld()))).toEqual({
    kind: 'decoded',
    value: aWorld(),
  });
});

test('reads the example of the documentation', async () => {
  const page = await readFile(new URL('../../../../docs/fleet-sim.md', import.meta.url), 'utf8');
  const [, shown = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  expect(decodeWorldChanges(shown)).toMatchObject({ kind: 'decoded', value: { threads: 1 } });
});

test.each([
  ['{"slots":', 'not JSON'],
  ['{"slot":3}', 'slot'],
  ['{"boot":{"medianSeconds":-5}}', 'boot.medianSeconds'],
  ['{"tickSeconds":0}', 'tickSeconds'],
])('%s is malformed: %s', (text, reason) => {
  const decoded = decodeWorldChanges(text);
  expect(decoded.kind === 'malformed' && decoded.reason).toContain(reason);
});
