import { createLogger, runService } from '@labelfleet/runtime';
import { startGateway } from './compose.ts';
import { parseConfig } from './config.ts';

await runService(async () => {
  const config = parseConfig(process.env);
  return startGateway(config, createLogger({ app: 'gateway', level: config.logLevel }));
});
