import { ConfigError, createLogger, localFile } from '@labelfleet/runtime';
import { expect, test } from 'vitest';
import { openReceivers } from './receivers.ts';

test('a file that cannot be read is a fault of the configuration', async () => {
  const log = createLogger({ app: 'gateway', level: 'silent' });
  const opened = openReceivers({
    file: localFile('/nowhere/webhooks.json'),
    allowLoopback: false,
    log,
  });
  await expect(opened).rejects.toThrow(ConfigError);
  await expect(opened).rejects.toThrow(
    'WEBHOOKS_FILE=/nowhere/webhooks.json: There is no such file',
  );
});
