import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const logger = fileURLToPath(new URL('./logger.ts', import.meta.url));

test('writes JSON lines with app, level name, time and error when standard output is no terminal', () => {
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

/** Logs without end, and writes counts of its lines to standard error every 10 ms. */
const CHATTER = `
  import { createLogger, logOutput, runService } from ${JSON.stringify(fileURLToPath(new URL('./index.ts', import.meta.url)))};
  const log = createLogger({ app: 'gateway', level: 'info' });
  let lines = 0;
  await runService(async () => {
    setInterval(() => {
      for (let n = 0; n < 100; n++) log.info({ line: ++lines, filler: 'x'.repeat(1000) }, 'a line');
      const { lostLines, trouble } = logOutput;
      process.stderr.write(JSON.stringify({ lines, lostLines, trouble }) + '\\n');
    }, 10);
    return { stop: async () => {} };
  });`;

describe.each(['a full disk', 'a pipe whose reader is gone', 'a pipe that nobody reads'] as const)(
  'on %s',
  (where) => {
    test('logging goes on and lost lines are counted', async () => {
      await using full = await open('/dev/full', 'w');
      const stdout = where === 'a full disk' ? full.fd : 'pipe';
      const args = ['--input-type=module-typescript', '-e', CHATTER];
      const child = spawn(process.execPath, args, { stdio: ['ignore', stdout, 'pipe'] });
      const exited = once(child, 'exit');
      if (where === 'a pipe whose reader is gone') child.stdout?.destroy();
      for await (const text of createInterface(child.stderr ?? process.stdin)) {
        const counts = JSON.parse(text) as { lines: number; lostLines: number; trouble?: string };
        if (counts.lostLines < 100 || counts.lines < 3000) continue;
        expect(counts.trouble).toBe(
          { 'a full disk': 'ENOSPC', 'a pipe that nobody reads': 'EAGAIN' }[String(where)] ??
            'EPIPE',
        );
        break;
      }
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    });
  },
);
