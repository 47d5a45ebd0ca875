import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const workspace = join(import.meta.dirname, '../../..');

/** Runs the command as somebody without credentials. */
function aws(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'cli.ts'), ...args],
    {
      cwd: workspace,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' },
    },
  );
  return { status, stdout, stderr };
}

test('names every wrong setting at once', () => {
  expect(aws('deploy', '--max-workers', '0', '--budget', 'much')).toEqual({
    status: 78,
    stdout: '',
    stderr: [
      '--allow-from is required: the addresses that may call the gateway, such as 203.0.113.7/32',
      '--max-workers must be a whole number from 1 to 1000',
      '--budget must be a whole number from 1 to 1000000',
      '',
    ].join('\n'),
  });
});

test('tells a caller without credentials how to set them, before anything is made', () => {
  const { status, stderr } = aws('deploy', '--allow-from', '203.0.113.7/32');
  expect(status).toBe(69);
  expect(stderr).toMatch(/^AWS does not know who is calling: .*\nSet AWS_PROFILE, or AWS_ACC/);
});

test.each(['url', 'env', 'status', 'smoke', 'down', 'keys list', 'webhooks list --fleet mine'])(
  '%s says in a line that it has no credentials',
  (command) => {
    const { status, stdout, stderr } = aws(...command.split(' '));
    expect([status, stdout]).toEqual([69, '']);
    expect(stderr).toMatch(/^CredentialsProviderError: [^\n]+\n$/);
  },
);

test('down refuses to delete data unless its name is given', () => {
  const { status, stderr } = aws('down', '--data', '--fleet', 'mine');
  expect(status).toBe(78);
  expect(stderr).toContain('Give --confirm mine-data. Nothing was removed.');
});

test.each([
  [['nonsense']],
  [['url', 'env']],
  [['status', '--colour']],
  [['smoke', '--url', 'mine']],
])('does not guess what %j means', (args) => {
  const { status, stderr } = aws(...args);
  expect(status).toBe(64);
  expect(stderr).toContain('npm run aws -- deploy --allow-from CIDR');
});

test.each([['--help'], ['keys', '--help'], ['webhooks', '--help']])('explains %s', (...args) => {
  expect(aws(...args)).toMatchObject({ status: 0, stderr: '' });
});
