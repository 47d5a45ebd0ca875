import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const index = fileURLToPath(new URL('./index.ts', import.meta.url));

/** Runs a service as a child process; sends it each signal when the matching line is printed. */
async function run(start: string, signals: Record<string, NodeJS.Signals> = {}) {
  const script = `
    import { runService, StartError } from ${JSON.stringify(index)};
    const say = (line) => process.stdout.write(line + '\\n');
    setInterval(() => {}, 1e6);
    await runService(async () => { ${start} });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script]);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += String(data)));
  child.stdout.on('data', (data) => {
    stdout += String(data);
    for (const line of String(data).trim().split('\n')) {
      const signal = signals[line];
      if (signal !== undefined) child.kill(signal);
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout.trim().split('\n'), stderr };
}

// The first line is printed a turn after start() has resolved, when the signals are heard.
const started = `setImmediate(() => say('started'));`;

test('the first SIGTERM stops a service with exit code 0', async () => {
  const ran = await run(
    `${started} return { stop: async (reason) => say('stopped by ' + reason) };`,
    { started: 'SIGTERM' },
  );
  expect(ran).toMatchObject({ code: 0, stdout: ['started', 'stopped by SIGTERM'] });
});

test('a second signal ends the process at once, with exit code 128 + its number', async () => {
  const ran = await run(
    `${started} return { stop: () => { say('stopping'); return new Promise(() => {}); } };`,
    { started: 'SIGTERM', stopping: 'SIGINT' },
  );
  expect(ran.code).toBe(130);
});

test('a service that ends without a signal ends the process', async () => {
  expect(
    await run(`return { stop: async () => say('stopped'), ended: Promise.resolve() };`),
  ).toEqual({
    code: 0,
    stdout: [''],
    stderr: '',
  });
});

test('a service that ends without a signal may choose the exit code', async () => {
  const ran = await run(`return { stop: async () => {}, ended: Promise.resolve(70) };`);
  expect(ran.code).toBe(70);
});

test('an error that its user can correct is one line, with its exit code', async () => {
  const ran = await run(`throw new StartError('Port 8080 is in use.', 69);`);
  expect(ran).toMatchObject({ code: 69, stderr: 'Port 8080 is in use.\n' });
});

test('an unexpected error at the start is printed with its stack', async () => {
  const ran = await run(`throw new Error('surprise');`);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/Error: surprise\n +at /);
});

test('a service that fails while it runs ends the process with 1', async () => {
  const ran = await run(
    `return { stop: async () => {}, ended: Promise.reject(new Error('the loop broke')) };`,
  );
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('the loop broke');
});
