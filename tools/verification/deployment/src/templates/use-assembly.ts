import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { WORKSPACE } from '../namespace.ts';
import { makePacks } from '../packs.ts';
import { synthesize, type Assembly } from './assembly.ts';

/** Builds the apps and synthesizes their deployment before the tests of a file: read it in tests only. */
export function useAssembly(): Assembly {
  const assembly = {} as Assembly;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assembly-'));
    await makePacks(['worker'], process.arch);
    await promisify(execFile)('npx', ['nx', 'run-many', '-t', 'build', '-p', 'gateway,scaler'], {
      cwd: WORKSPACE,
      env: { ...process.env, NX_DAEMON: 'false' },
    });
    Object.assign(assembly, await synthesize(folder));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return assembly;
}
