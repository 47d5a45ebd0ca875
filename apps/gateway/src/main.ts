import { countBuffersWithHeap, createLogger, runService } from '@labelfleet/runtime';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

countBuffersWithHeap();
await runService(async () => {
  const config = parseConfig(process.env);
  return compose(config, createLogger({ app: 'gateway', level: config.logLevel }));
});
