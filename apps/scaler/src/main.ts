import { createLogger, runService } from '@labelfleet/runtime';
import { startScaler } from './compose.ts';
import { parseConfig } from './config.ts';

await runService(async () => {
  const config = parseConfig(process.env);
  return startScaler(config, createLogger({ app: 'scaler', level: config.logLevel }));
});
