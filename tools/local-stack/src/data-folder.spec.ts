import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { openDataFolder, writeAtomically } from './data-folder.ts';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('the folder and what is written there are their owner’s alone, also where an earlier version made it', async () => {
  const root = await mkdtemp(join(tmpdir(), 'local-stack-folder-'));
  await chmod(root, 0o755);
  const { localEnv, logs } = await openDataFolder(root);
  await writeAtomically(localEnv, 'A=1\n');
  expect([await modeOf(root), await modeOf(logs), await modeOf(localEnv)]).toEqual([
    0o700, 0o700, 0o600,
  ]);
  expect(await readFile(localEnv, 'utf8')).toBe('A=1\n');
  await rm(root, { recursive: true });
});
