/**
 * The first process of an instance, in a mount and a PID namespace: in place of Amazon Linux it runs the user data from
 * instance metadata, as cloud-init does, and then the unit that the user data starts, as systemd does but without
 * Restart= and the sandbox. It ends when the machine is powered off, and with it every process of the namespace.
 *
 * Usage: machine.ts FOLDER ENDPOINT. The folder is hidden from the instance: this repository. The endpoint is that of
 * the local cloud.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { readUnit, variablesOf, type Unit } from './read-unit.ts';

const [hidden = '', endpoint = ''] = process.argv.slice(2);
const { PATH, HOME, AWS_EC2_METADATA_SERVICE_ENDPOINT = '' } = process.env;

const COMMANDS = '/run/commands';
/** Where commands tell this process what to do, one line each. */
const REQUESTS = '/run/machine';
const JOURNAL = '/run/journal';
const CONSOLE = '/run/console';

/** What the programs of an instance find here instead of AWS. All instances share the ports of this machine. */
const SURROUNDINGS = {
  AWS_EC2_METADATA_SERVICE_ENDPOINT,
  AWS_ENDPOINT_URL: endpoint,
  // With an endpoint, the SDK refuses the dual-stack endpoints of the unit.
  AWS_USE_DUALSTACK_ENDPOINT: 'false',
  METRICS_PORT: '0',
};

let service: { unit: Unit; process: ChildProcess } | undefined;
let poweringOff = false;

for (const folder of ['/run', '/etc', '/opt', '/var/cache', hidden])
  run('mount', '-t', 'tmpfs', 'tmpfs', folder);
writeFileSync(CONSOLE, '');
run('mount', '--bind', CONSOLE, '/dev/console');
run('mkfifo', REQUESTS);
mkdirSync(COMMANDS);
for (const [name, script] of Object.entries({
  // The aws command of Debian does not read AWS_ENDPOINT_URL.
  aws: `PATH=\${PATH#*:} exec aws --endpoint-url ${endpoint} "$@"`,
  journalctl: `tail -n 20 ${JOURNAL}`,
  shutdown: `echo "shutdown" >${REQUESTS}`,
  systemctl: `[ "$1 $2" = 'enable --now' ] && echo "start $3" >${REQUESTS}`,
})) {
  writeFileSync(`${COMMANDS}/${name}`, `#!/bin/bash\n${script}\n`, { mode: 0o755 });
}

process.on('SIGTERM', () => void powerOff());
// Opened for writing as well, so that it does not end with its first writer; as a socket, because a read of a file would
// keep this process from ending.
const requests = new Socket({ fd: openSync(REQUESTS, constants.O_RDWR | constants.O_NONBLOCK) });
createInterface({ input: requests }).on('line', (line) => {
  const [request, unit = ''] = line.split(' ');
  if (request === 'start') start(unit);
  else void powerOff();
});
writeFileSync('/run/user-data', await metadata('user-data'), { mode: 0o700 });
spawn('/run/user-data', {
  cwd: '/',
  env: { PATH: `${COMMANDS}:${PATH}`, HOME, AWS_EC2_METADATA_SERVICE_ENDPOINT },
  stdio: 'inherit',
});

async function metadata(path: string): Promise<string> {
  const token = await answerOf('api/token', {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  return answerOf(path, { headers: { 'x-aws-ec2-metadata-token': token } });
}

async function answerOf(path: string, init: RequestInit): Promise<string> {
  const url = new URL(`/latest/${path}`, AWS_EC2_METADATA_SERVICE_ENDPOINT);
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url.href} answered ${answer.status}`);
  return answer.text();
}

/** Starts a service in a process group of its own, so that only this process ends it. */
function start(file: string): void {
  const unit = readUnit(readFileSync(file, 'utf8'));
  const required = (setting: string) => {
    const value = unit.get('Service', setting);
    if (value === undefined) throw new Error(`${file} has no ${setting}`);
    return value;
  };
  // systemd.exec(5): a service with DynamicUser= has this HOME, and files override Environment=.
  const environment: Record<string, string | undefined> = { HOME: '/', ...variablesOf(unit) };
  for (const path of unit.all('Service', 'EnvironmentFile')) {
    const name = path.replace(/^-/, '');
    if (name !== path && !existsSync(name)) continue;
    Object.assign(environment, parseEnv(readFileSync(name, 'utf8')));
  }
  mkdirSync(`/var/cache/${required('CacheDirectory')}`, { recursive: true });
  const [program = '', ...args] = required('ExecStart').split(' ');
  const journal = openSync(JOURNAL, 'a');
  const child = spawn(program, args, {
    cwd: required('WorkingDirectory'),
    env: { ...environment, ...SURROUNDINGS },
    stdio: ['ignore', journal, journal],
    detached: true,
  });
  closeSync(journal);
  service = { unit, process: child };
  child.once('exit', (code) => {
    service = undefined;
    const result = code === 0 ? 'success' : 'exit-code';
    for (const command of unit.all('Service', 'ExecStopPost')) {
      const env = { PATH: `${COMMANDS}:${PATH}`, SERVICE_RESULT: result };
      spawnSync('sh', ['-c', command.replace(/^[+!:@-]*/, '')], { env, stdio: 'inherit' });
    }
    const action = code === 0 ? 'SuccessAction' : 'FailureAction';
    if (unit.get('Unit', action) === 'poweroff') void powerOff();
  });
}

async function powerOff(): Promise<void> {
  if (poweringOff) return;
  poweringOff = true;
  if (service !== undefined) {
    const { unit, process: child } = service;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const seconds = Number(unit.get('Service', 'TimeoutStopSec'));
    await Promise.race([exited, delay(seconds * 1000, undefined, { ref: false })]);
  }
  process.stdout.write(readFileSync(CONSOLE), () => process.exit(0));
}

function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
