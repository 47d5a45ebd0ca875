import { userData } from '@labelfleet/bundle/user-data';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { create } from 'tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '@labelfleet/testkit/until';
import { inNamespace, noNamespace } from './namespace.ts';
import { INSTANCE } from './tools.ts';

/** The commands of an instance. Each notes its call; aws copies the pack, systemctl runs the unit's command. */
const COMMANDS = {
  aws: `[ -e "$STORE/pack.tar.gz" ] || { echo "store is down" >&2; exit 1; }
    cp "$STORE/pack.tar.gz" "\${@: -1}"`,
  systemctl: `read_unit() { sed -n "s/^$1=//p" "\${unit:?}"; }
    unit="\${@: -1}"
    set -a; . "/etc/labelfleet/worker.env"; set +a
    cd "$(read_unit WorkingDirectory)"
    $(read_unit ExecStart)`,
  shutdown: ':',
};
/** What a pack starts instead of Node. */
const PROGRAM = '#!/bin/bash\necho "started $* with $REQUEST_QUEUE_URL" >>"$CALLS"\n';

let folder: string;
let pack: Buffer;
let packSha256: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'user-data-'));
  await writeExecutables('commands', COMMANDS);
  const contents = join(folder, 'contents');
  await mkdir(contents);
  await writeFile(join(contents, 'node'), PROGRAM);
  await chmod(join(contents, 'node'), 0o755);
  await mkdir(join(contents, 'logs'));
  const sendLogs = join(contents, 'logs/send-logs.sh');
  await writeFile(sendLogs, '#!/bin/bash\necho "logs to $1" >>"$CALLS"\nexit 1\n');
  await chmod(sendLogs, 0o755);
  const unit = 'labelfleet-worker.service';
  await writeFile(join(contents, unit), await readFile(join(INSTANCE, 'worker', unit)));
  await create({ cwd: contents, file: join(folder, 'made.tar.gz'), gzip: true }, [
    'node',
    'logs',
    unit,
  ]);
  pack = await readFile(join(folder, 'made.tar.gz'));
  packSha256 = createHash('sha256').update(pack).digest('hex');
});
afterAll(() => rm(folder, { recursive: true }));

async function writeExecutables(name: string, commands: Record<string, string>): Promise<void> {
  await mkdir(join(folder, name));
  for (const [command, body] of Object.entries(commands)) {
    const file = join(folder, name, command);
    await writeFile(file, `#!/bin/bash\necho "${command} $*" >>"$CALLS"\n${body}\n`);
    await chmod(file, 0o755);
  }
}

interface Boot {
  /** The calls of commands until now. */
  calls(): Promise<string[]>;
  putPack(): Promise<void>;
  ended: Promise<{ code: number | null; console: string }>;
}

/** Boots an instance in a namespace with an empty store. */
async function boot(
  name: string,
  { sha256 = packSha256, fetchSeconds = 60, variables = {} } = {},
): Promise<Boot> {
  const store = join(folder, name);
  await mkdir(store);
  const script = userData({
    app: 'worker',
    packAddress: 's3://packs/worker.tar.gz',
    packSha256: sha256,
    packFetchSeconds: fetchSeconds,
    environment: { AWS_REGION: 'us-east-1', REQUEST_QUEUE_URL: 'http://queue', ...variables },
  });
  await writeFile(join(store, 'user-data'), script);
  await writeFile(join(store, 'calls'), '');
  const [program = '', ...args] = inNamespace(
    'mount -t tmpfs tmpfs /etc; mount -t tmpfs tmpfs /run; exec bash "$1"',
    join(store, 'user-data'),
  );
  const child = spawn(program, args, {
    env: {
      PATH: `${join(folder, 'commands')}:${process.env['PATH'] ?? ''}`,
      STORE: store,
      CALLS: join(store, 'calls'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  return {
    calls: async () => (await readFile(join(store, 'calls'), 'utf8')).split('\n').slice(0, -1),
    putPack: () => writeFile(join(store, 'pack.tar.gz'), pack),
    ended: text(child.stderr).then(async (console) => ({ code: (await exited)[0], console })),
  };
}

const FETCH = 'aws s3 cp --only-show-errors s3://packs/worker.tar.gz /run/labelfleet.tar.gz';

describe.skipIf(noNamespace)(`user data ${noNamespace ?? ''}`, () => {
  test('starts the unit of the pack with the environment', async () => {
    const started = await boot('good');
    await started.putPack();
    expect(await started.ended).toMatchObject({ code: 0 });
    expect((await started.calls()).slice(-3)).toEqual([
      FETCH,
      'systemctl enable --now /opt/labelfleet/worker/labelfleet-worker.service',
      'started --enable-source-maps main.js with http://queue',
    ]);
  });

  test('sends logs once the unit runs, which goes on where they cannot be sent', async () => {
    const started = await boot('logs', { variables: { LOG_GROUP: '/labelfleet/worker' } });
    await started.putPack();
    const { code, console } = await started.ended;
    expect([code, console]).toEqual([0, 'labelfleet: logs are not sent\n']);
    expect((await started.calls()).slice(-2)).toEqual([
      'started --enable-source-maps main.js with http://queue',
      'logs to /labelfleet/worker',
    ]);
  });

  test('waits for a store that is down', async () => {
    const started = await boot('down');
    await until('two tries', async () => (await started.calls()).length >= 2, {
      timeoutMs: 10_000,
    });
    await started.putPack();
    expect(await started.ended).toMatchObject({ code: 0 });
    expect((await started.calls()).at(-1)).toContain('started');
  });

  test.each([
    [
      'the store stays down',
      { fetchSeconds: 1 },
      /store is down\nlabelfleet: boot failed: s3:\/\/packs\/worker\.tar\.gz could not be fetched within 1 s\n$/,
    ],
    [
      'the pack is another one',
      { sha256: '0'.repeat(64) },
      /^labelfleet: boot failed: \S+ does not have SHA-256 0{64}\n$/,
    ],
  ])('says why and shuts down when %s', async (why, options, reason) => {
    const started = await boot(why.replaceAll(' ', '-'), options);
    if ('sha256' in options) await started.putPack();
    const { code, console } = await started.ended;
    expect(code).toBe(1);
    expect(console).toMatch(reason);
    expect((await started.calls()).at(-1)).toBe('shutdown -h now');
    expect(await started.calls()).not.toContainEqual(expect.stringContaining('started'));
  });
});
