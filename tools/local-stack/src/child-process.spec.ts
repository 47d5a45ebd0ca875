import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startApp } from './child-process.ts';
import { stackProcesses } from './processes.ts';
import { scriptFolder } from './testing/scripts.ts';
import { until } from './testing/until.ts';

const DRAINS = `
  process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
  setInterval(() => {}, 1000);
  console.log('ready');
`;

test('an app is stopped in good order, and that is no death', async () => {
  await using folder = await scriptFolder(DRAINS);
  const app = startApp(folder.app);
  await until(async () => (await folder.log()).includes('ready'));
  await app[Symbol.asyncDispose]();
  expect(await folder.log()).toBe('ready\ndrained\n');
  expect(app.died.aborted).toBe(false);
  expect(await stackProcesses(folder.dir)).toEqual([]);
});

test('an app that does not stop is killed with its group', async () => {
  await using folder = await scriptFolder(`
    import { spawn } from 'node:child_process';
    process.on('SIGTERM', () => console.log('no'));
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: process.env });
    setInterval(() => {}, 1000);
    console.log('ready');
  `);
  const app = startApp({ ...folder.app, stopTimeoutMs: 100 });
  await until(async () => (await folder.log()).includes('ready'));
  await app[Symbol.asyncDispose]();
  await until(async () => (await stackProcesses(folder.dir)).length === 0);
});

test('an app that dies says so with its own last words and exit code, without a stack trace', async () => {
  await using folder = await scriptFolder(`
    console.log('{"level":"info"}');
    console.error('REQUEST_QUEUE_URL is not set\\n    at main (main.js:1:1)');
    process.exit(78);
  `);
  await using app = startApp(folder.app);
  await once(app.died, 'abort');
  expect(app.died.reason).toMatchObject({
    message: `the app ended with exit code 78. Its log is ${folder.app.logFile}\n  REQUEST_QUEUE_URL is not set`,
    exitCode: 78,
  });
});

test('an app drains when its starter is killed', async () => {
  await using folder = await scriptFolder(DRAINS);
  const starter = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { startApp } from ${JSON.stringify(join(import.meta.dirname, 'child-process.ts'))};
       startApp(${JSON.stringify(folder.app)});`,
    ],
    { stdio: 'inherit' },
  );
  await until(async () => (await folder.log()).includes('ready'));
  starter.kill('SIGKILL');
  await until(async () => (await stackProcesses(folder.dir)).length === 0);
  expect(await folder.log()).toBe('ready\ndrained\n');
});

test('the watch on its starter does not keep an app running', async () => {
  await using folder = await scriptFolder(`console.log('all done');`);
  await using app = startApp(folder.app);
  await once(app.died, 'abort');
  expect(app.died.reason).toHaveProperty(
    'message',
    expect.stringContaining('the app ended with exit code 0'),
  );
});

test('an app goes on when its log is on a full disk', async () => {
  const runtime = import.meta.resolve('@labelfleet/runtime');
  await using folder = await scriptFolder(`
    import { createLogger, runService } from ${JSON.stringify(runtime)};
    import { writeFileSync } from 'node:fs';
    const log = createLogger({ app: 'the-app', level: 'info' });
    for (let line = 1; line <= 100; line++) log.info({ line }, 'alive');
    writeFileSync(new URL('./alive', import.meta.url), '');
    const alive = setInterval(() => log.info('alive'), 1);
    await runService(async () => ({
      stop: async () => {
        clearInterval(alive);
        writeFileSync(new URL('./stopped', import.meta.url), 'in good order');
      },
    }));
  `);
  const app = startApp({ ...folder.app, logFile: '/dev/full' });
  await until(async () => existsSync(join(folder.dir, 'alive')) || app.died.aborted);
  expect(app.died.aborted).toBe(false);
  await app[Symbol.asyncDispose]();
  expect(await readFile(join(folder.dir, 'stopped'), 'utf8')).toBe('in good order');
});

test('the log of an app is bounded, and the older lines are kept in one file', async () => {
  await using folder = await scriptFolder(`
    import { writeSync } from 'node:fs';
    const line = 'x'.repeat(999) + '\\n';
    for (let count = 0; count < 10_000; count++) writeSync(1, line);
    process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
    setInterval(() => {}, 1000);
  `);
  const app = startApp(folder.app);
  const older = `${folder.app.logFile}.1`;
  await until(async () => existsSync(older) && (await folder.log()) === '');
  await app[Symbol.asyncDispose]();
  expect(await folder.log()).toBe('drained\n');
  expect((await stat(older)).size).toBe(10_000_000);
});

test('an app goes on when the folder of its log is deleted', async () => {
  await using folder = await scriptFolder(DRAINS);
  const logs = join(folder.dir, 'logs');
  await mkdir(logs);
  const app = startApp({ ...folder.app, logFile: join(logs, 'app.log') });
  await until(async () => (await readFile(join(logs, 'app.log'), 'utf8')).includes('ready'));
  await rm(logs, { recursive: true });
  await app[Symbol.asyncDispose]();
  expect(app.died.aborted).toBe(false);
});
