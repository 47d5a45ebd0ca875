import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startStack } from './stack-under-test.ts';

const run = promisify(execFile);
const workspace = join(import.meta.dirname, '../../../..');

/** The commands of the README that need a running product. */
async function readmeCommands(): Promise<string[]> {
  const readme = await readFile(join(workspace, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block]) => (block ?? '').replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => /^(curl|npm run (classify|job|loadgen)) /.test(line));
}

test('runs the commands of the README with the results that it shows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'readme-'));
  try {
    await using stack = await startStack({ MAX_WORKERS: '1' });
    const outputs: string[] = [];
    for (const command of await readmeCommands()) {
      const here = command
        .replaceAll('http://127.0.0.1:8080/', stack.url.href)
        .replaceAll('labels.tsv', join(folder, 'labels.tsv'))
        .replaceAll('labels.csv', join(folder, 'labels.csv'))
        .replaceAll('expected.tsv', join(folder, 'expected.tsv'));
      const env = { ...process.env, LABELFLEET_DATA_DIR: stack.dataDir };
      const { stdout } = await run('bash', ['-c', here], { cwd: workspace, env });
      outputs.push(stdout);
    }
    expect(outputs).toEqual([
      'ladybug',
      // What npm prints; the labels are in the file.
      expect.stringMatching(/^\n> labelfleet[^]*labels\.tsv examples\n\n$/),
      expect.stringMatching(/"label":"orange"/),
      // It is completed if its reply came before the queue had acknowledged its message.
      expect.stringMatching(/"status":"(queued|succeeded)"/),
      expect.stringMatching(/"status":"completed".*"succeeded":2/),
      expect.stringMatching(/6 images, 238 KB: .* USD, .* with 1 worker\n$/),
      // What npm prints; the labels are in the file.
      expect.stringMatching(/labels\.csv\n\n$/),
      '',
      expect.stringMatching(/100 right, 0 wrong, 0 failed/),
    ]);
    const labels = await readFile(join(folder, 'labels.tsv'), 'utf8');
    expect(await readFile(join(folder, 'labels.csv'), 'utf8')).toMatch(
      /^s3:[^,]+,ladybug\.jpg,,succeeded,ladybug,0\.\d+,,\r$/m,
    );
    expect(labels).toMatch(/^examples\/ladybug\.jpg\tladybug\t0\.\d{4}$/m);
  } finally {
    await rm(folder, { recursive: true });
  }
});
