import { createLogger, runService } from '@labelfleet/runtime';

import { startCloud } from './cloud.ts';
import { parseConfig } from './config.ts';

await runService(async () => {
  const config = parseConfig(process.env);
  const cloud = await startCloud(
    config,
    createLogger({ app: 'local-cloud', level: config.logLevel }),
  );
  process.stdout.write(`${JSON.stringify({ listening: cloud.endpoint })}\n`);
  if (!config.stopWithStdin) return { stop: () => cloud.stop() };
  const stdinEnded = new Promise<void>((resolve) => {
    process.stdin.once('close', resolve).resume();
  });
  return { stop: () => cloud.stop(), ended: stdinEnded.then(() => cloud.stop()) };
});
