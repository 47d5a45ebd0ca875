import { countBuffersWithHeap, createLogger, runService } from '@labelfleet/runtime';
import { availableParallelism } from 'node:os';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

countBuffersWithHeap();
await runService(async () => {
  const config = parseConfig(process.env, availableParallelism());
  return compose(config, createLogger({ app: 'worker', level: config.logLevel }));
});
