import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = join(import.meta.dirname, 'labelfleet.ts');
const labelfleet = (...args: string[]) =>
  promisify(execFile)(process.execPath, [script, ...args]).catch((error: unknown) => error);

test('says which commands there are', async () => {
  const said = await labelfleet('--help');
  expect(said).toMatchObject({ stdout: expect.stringContaining('labelfleet COMMAND') as string });
  expect(await labelfleet()).toMatchObject(said as object);
});

test.each(['classify', 'evaluate', 'job', 'keys', 'model', 'resubmit', 'webhooks'])(
  'runs %s',
  async (command) => {
    expect(await labelfleet(command, '--help')).toMatchObject({
      stdout: expect.stringMatching(new RegExp(`npm run (model:)?${command} -- `)) as string,
    });
  },
);

test('refuses an unknown command with the list of those it knows', async () => {
  expect(await labelfleet('constructor')).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/no command "constructor"[^]*classify/) as string,
  });
});
