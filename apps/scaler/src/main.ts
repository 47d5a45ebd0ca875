import { createLogger, runService } from '@labelfleet/runtime';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

await runService(async () => {
  const config = parseConfig(process.env);
  return compose(config, createLogger({ app: 'scaler', level: config.logLevel }));
});
