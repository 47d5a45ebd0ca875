import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const index = JSON.stringify(fileURLToPath(new URL('index.ts', import.meta.url)));

/** Runs a command with this body, with its standard output redirected by a shell. */
const run = (body: string, redirection = '') =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const script = `
      import { runCommand, StartError } from ${index};
      await runCommand(async () => { ${body} });`;
    execFile(
      'sh',
      ['-c', `exec "$0" --input-type=module -e "$1" ${redirection}`, process.execPath, script],
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

it.each([
  ['its own exit code', 'return 3;', 3, ''],
  [
    'an error that its user can correct',
    "throw new StartError('Give a file.', 64);",
    64,
    'Give a file.\n',
  ],
  [
    'an error of the system',
    "await (await import('node:fs/promises')).mkdir('/proc/none/new'); return 0;",
    73,
    '/proc/none/new: There is no such file or folder. Check the path.\n',
  ],
])('a command ends with %s', async (_, body, code, stderr) => {
  expect(await run(body)).toEqual({ code, stdout: '', stderr });
});

it('a defect is printed with its stack', async () => {
  const { code, stderr } = await run("throw new TypeError('a defect');");
  expect(code).toBe(1);
  expect(stderr).toMatch(/TypeError: a defect\n +at /);
});

it.skipIf(!existsSync('/dev/full'))('a full disk is reported in sentences', async () => {
  const { code, stderr } = await run("process.stdout.write('text'); return 0;", '>/dev/full');
  expect({ code, stderr }).toEqual({
    code: 73,
    stderr:
      'Standard output cannot be written: The disk is full. Free some space, or choose another place.\n',
  });
});

it('a reader that closes the pipe early is no failure', async () => {
  const body = "process.stdout.write('line\\n'.repeat(1e6)); return 0;";
  expect(await run(body, '| head -n 1')).toEqual({ code: 0, stdout: 'line\n', stderr: '' });
});
