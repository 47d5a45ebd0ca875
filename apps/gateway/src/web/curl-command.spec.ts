import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { curlCommand } from './page/words/export.ts';

test('the shell reads a curl command as it is meant, whatever the file is called', async () => {
  const name = `it's "a; $(touch x)\\.jpg`;
  const command = curlCommand(name, 'http://127.0.0.1:8080/fleet', true).replace(
    /^curl/,
    'printf "%s\\n"',
  );
  const { stdout } = await promisify(execFile)('sh', ['-c', command], {
    env: { LABELFLEET_API_KEY: 'lf_a_b' },
  });
  expect(stdout.split('\n')).toEqual([
    '-F',
    `image=@"it's \\"a; $(touch x)\\\\.jpg"`,
    '-H',
    'Authorization: Bearer lf_a_b',
    'http://127.0.0.1:8080/fleet/v1/classifications',
    '',
  ]);
});
