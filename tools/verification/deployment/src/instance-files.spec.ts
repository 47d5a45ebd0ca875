import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inNamespace, noNamespace } from './namespace.ts';
import { INSTANCE, missing, runTool } from './tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'instance-files-'));
afterAll(() => rm(folder, { recursive: true }));

const files = (pattern: string) => globSync(pattern, { cwd: INSTANCE });
const clean = { status: 0, output: '' };

const noShellcheck = missing('shellcheck');
test.skipIf(noShellcheck).each(files('**/*.sh'))(
  `shellcheck finds nothing in %s ${noShellcheck ?? ''}`,
  (script) => {
    expect(runTool('shellcheck', [join(INSTANCE, script)])).toEqual(clean);
  },
);

const noSystemd = missing('systemd-analyze', 'systemd');
describe.skipIf(noSystemd).each(files('*/*.service'))(`%s ${noSystemd ?? ''}`, (unit) => {
  test('is correct', async () => {
    // The unit's program is on instances only.
    const text = await readFile(join(INSTANCE, unit), 'utf8');
    const copy = join(folder, basename(unit));
    await writeFile(copy, text.replaceAll(/\/opt\/labelfleet\/\w+\/node /g, '/bin/true '));
    expect(runTool('systemd-analyze', ['verify', '--man=no', copy])).toEqual(clean);
  });

  test('exposes at most 2.5 of 10', () => {
    const limits = ['--offline=true', '--threshold=25', '--no-pager'];
    const { status, output } = runTool('systemd-analyze', [
      'security',
      ...limits,
      join(INSTANCE, unit),
    ]);
    expect([status, output]).toEqual([0, expect.stringContaining('exposure level')]);
  });

  test('lets a drain end', async () => {
    const text = await readFile(join(INSTANCE, unit), 'utf8');
    const drainSeconds = { gateway: 300, worker: 60, scaler: 20 }[unit.split('/')[0] ?? ''];
    expect(text).toContain(`\nTimeoutStopSec=${(drainSeconds ?? NaN) + 15}\n`);
  });
});

describe.each([
  ['worker', ['SuccessAction=poweroff', 'FailureAction=poweroff', 'StartLimitAction=poweroff']],
  ['gateway', ['Restart=always', 'StartLimitIntervalSec=0']],
  ['scaler', ['Restart=always', 'StartLimitIntervalSec=0']],
])('the unit of the %s', (app, settings) => {
  test.each(settings)('has %s', async (setting) => {
    const text = await readFile(join(INSTANCE, app, `labelfleet-${app}.service`), 'utf8');
    expect(text.split('\n')).toContain(setting);
  });
});

const noNginx = missing('nginx') ?? noNamespace;
test.skipIf(noNginx)(`nginx takes its configuration ${noNginx ?? ''}`, () => {
  // In the namespace nginx may write its PID file.
  const script = 'mount -t tmpfs tmpfs /run; exec nginx -t -q -c "$1"';
  const [program = '', ...args] = inNamespace(script, join(INSTANCE, 'gateway/nginx.conf'));
  expect(runTool(program, args)).toEqual(clean);
});
