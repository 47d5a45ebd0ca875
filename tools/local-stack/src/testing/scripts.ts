import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppToStart } from '../child-process.ts';

/** A folder with a script in it, to be started as an app is; its marker names the folder. */
export interface ScriptFolder extends AsyncDisposable {
  dir: string;
  app: AppToStart;
  log(): Promise<string>;
}

export async function scriptFolder(script: string): Promise<ScriptFolder> {
  const dir = await mkdtemp(join(tmpdir(), 'local-stack-'));
  const logFile = join(dir, 'app.log');
  await writeFile(join(dir, 'app.mjs'), script);
  return {
    dir,
    app: {
      name: 'the app',
      script: join(dir, 'app.mjs'),
      env: { PATH: process.env['PATH'] ?? '', LABELFLEET_STACK: dir },
      logFile,
      stopTimeoutMs: 10_000,
    },
    log: () => readFile(logFile, 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  };
}
