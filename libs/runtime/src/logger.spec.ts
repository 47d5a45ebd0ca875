import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const logger = fileURLToPath(new URL('./logger.ts', import.meta.url));

test('off a terminal a log is JSON lines with the app, the level by name, the time and the error', () => {
  const script = `
    import { createLogger } from ${JSON.stringify(logger)};
    const log = createLogger({ app: 'gateway', level: 'info' });
    log.debug('unheard');
    log.error({ requestId: 'r-1', error: new Error('refused') }, 'not stored');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toMatchObject({
    app: 'gateway',
    level: 'error',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    requestId: 'r-1',
    msg: 'not stored',
    error: { type: 'Error', message: 'refused' },
  });
});
