import { createLogger, runService } from '@labelfleet/runtime';

import { startCloud } from './cloud.ts';
import { parseConfig } from './config.ts';
import { openDataDir } from './data-dir.ts';

// The data folder contains users' images, and a user who can write to it can run programs, so only its owner has access.
process.umask(0o077);

await runService(async () => {
  const config = parseConfig(process.env);
  const logger = createLogger({ app: 'local-cloud', level: config.logLevel });
  const dataDir = await openDataDir(config.dataDir);
  const cloud = await startCloud({ ...config, dataDir: dataDir.path }, logger).catch(
    async (error: unknown) => {
      await dataDir.close();
      throw error;
    },
  );
  process.stdout.write(`${JSON.stringify({ listening: cloud.endpoint })}\n`);
  const stop = async () => {
    await cloud.stop();
    await dataDir.close();
  };
  if (!config.stopWithStdin) return { stop };
  const stdinEnded = new Promise<void>((resolve) => {
    process.stdin.once('close', resolve).resume();
  });
  return { stop, ended: stdinEnded.then(stop) };
});
