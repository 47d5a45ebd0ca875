import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inNamespace, noNamespace } from './namespace.ts';
import { configureNginx } from './nginx.ts';
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
describe.skipIf(noSystemd)(`units ${noSystemd ?? ''}`, () => {
  const units = files('*/*.{service,timer}');
  beforeAll(async () => {
    for (const unit of units) {
      // Their programs are on instances only.
      const text = await readFile(join(INSTANCE, unit), 'utf8');
      const program = /\/opt\/labelfleet\/\S+/g;
      const moved = text.replaceAll(/^(Exec\w+=).*$/gm, (line) =>
        line.replace(program, '/bin/true'),
      );
      await writeFile(join(folder, basename(unit)), moved);
    }
  });

  test.each(units)('%s is correct', (unit) => {
    // Timers are verified with their services, which are in the same folder.
    const copy = join(folder, basename(unit));
    expect(runTool('systemd-analyze', ['verify', '--man=no', copy])).toEqual(clean);
  });
});

const apps = ['gateway', 'worker', 'scaler'].map((app) => `${app}/labelfleet-${app}.service`);
describe.skipIf(noSystemd).each(apps)(`%s ${noSystemd ?? ''}`, (unit) => {
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
test.skipIf(noNginx).each(['http', 'https'] as const)(
  `nginx takes its configuration for %s ${noNginx ?? ''}`,
  async (scheme) => {
    const configured = join(folder, scheme);
    await mkdir(configured);
    await configureNginx(configured, scheme);
    // In the namespace nginx may write its PID file.
    const script = 'mount -t tmpfs tmpfs /run; exec nginx -t -q -c "$1"';
    const [program = '', ...args] = inNamespace(script, join(configured, 'nginx.conf'));
    expect(runTool(program, args)).toEqual(clean);
  },
);
