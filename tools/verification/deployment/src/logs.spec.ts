import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inNamespace, noNamespace } from './namespace.ts';
import { INSTANCE } from './tools.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logs-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function stub(command: string, body: string): Promise<void> {
  const file = join(folder, command);
  await writeFile(file, `#!/bin/bash\necho "${command} $*" >>"$CALLS"\n${body}\n`);
  await chmod(file, 0o755);
}

const run = ([program = '', ...args]: string[], variables: Record<string, string> = {}) =>
  spawnSync(program, args, {
    env: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      CALLS: join(folder, 'calls'),
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).split('\n').slice(0, -1);

describe('the copy of the journal', () => {
  const follow = (lines: string[], maxBytes = '1000') => {
    const script = join(INSTANCE, 'logs/follow-journal.sh');
    return run([script, join(folder, 'app.log')], { MAX_BYTES: maxBytes, LINES: lines.join('\n') });
  };
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  beforeEach(() => stub('journalctl', 'echo "$LINES"'));

  test('has each line, from the boot on', async () => {
    expect(follow(['{"event":"app.started"}', 'größer', '']).status).toBe(0);
    expect(await read('app.log')).toBe('{"event":"app.started"}\ngrößer\n\n');
    expect(await calls()).toEqual([
      'journalctl --follow --boot --lines=all --output=cat --unit=labelfleet-*',
    ]);
  });

  test('goes on where it ended', async () => {
    follow(['one']);
    follow(['two']);
    expect(await read('app.log')).toBe('one\ntwo\n');
    expect((await calls())[1]).toMatch(/ --lines=all --since=@\d{10} --output=cat /);
  });

  test('keeps one older file, and counts what it found', async () => {
    follow(['aaaa']);
    follow(['bbbb', 'cccc', 'dddd', 'eeee'], '10');
    expect([await read('app.log.1'), await read('app.log').catch(() => '')]).toEqual([
      'cccc\ndddd\n',
      'eeee\n',
    ]);
  });
});

describe.skipIf(noNamespace)(`sending logs ${noNamespace ?? ''}`, () => {
  const send = () =>
    run(
      inNamespace(
        `mount -t tmpfs tmpfs /etc; mkdir -p /etc/labelfleet /opt/labelfleet/worker /opt/aws/amazon-cloudwatch-agent/bin
        cp "$2" /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl
        cp -r "$1" /opt/labelfleet/worker/logs
        /opt/labelfleet/worker/logs/send-logs.sh /labelfleet/worker
        test -x /opt/labelfleet/logs/follow-journal.sh
        cat /etc/labelfleet/cloudwatch-agent.json`,
        join(INSTANCE, 'logs'),
        join(folder, 'ctl'),
      ),
    );

  test('starts the copy and then the agent, for the group', async () => {
    for (const command of ['dnf', 'systemctl', 'ctl']) await stub(command, ':');
    const { status, stdout } = send();
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      agent: { use_dualstack_endpoint: true },
      logs: {
        logs_collected: {
          files: {
            collect_list: [
              { file_path: '/var/log/labelfleet/app.log', log_group_name: '/labelfleet/worker' },
            ],
          },
        },
      },
    });
    expect(await calls()).toEqual([
      'dnf install -y -q amazon-cloudwatch-agent',
      'systemctl enable --now /opt/labelfleet/worker/logs/labelfleet-logs.service',
      'ctl -a fetch-config -m ec2 -s -c file:/etc/labelfleet/cloudwatch-agent.json',
    ]);
  });

  test('tells when the agent does not start', async () => {
    for (const command of ['dnf', 'systemctl']) await stub(command, ':');
    await stub('ctl', 'exit 1');
    expect(send().status).toBe(1);
  });
});
