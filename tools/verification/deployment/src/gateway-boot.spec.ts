import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inNamespace, noNamespace } from './namespace.ts';
import { INSTANCE, missing } from './tools.ts';

const DOMAIN = 'labels.example.com';
const ADDRESS = '203.0.113.9';

/** The commands of an instance. Each notes its call. The store is a folder; a file in `faults` makes one fail. */
const COMMANDS = {
  aws: `[ ! -e "$STORE/faults/aws" ] || exit 255
    place() { case $1 in s3://state/*) echo "$STORE/objects/\${1#s3://state/}" ;; -) echo "/dev/$2" ;; *) echo "$1" ;; esac; }
    case "$1 $2" in
    's3api list-objects-v2')
      [ ! -e "$STORE/faults/list" ] || { rm "$STORE/faults/list"; exit 255; }
      while [ "$1" != --prefix ]; do shift; done
      cd "$STORE/objects"
      found=$(find . -type f -path "./$2*" -printf '%P\\t%TY-%Tm-%TdT%TH:%TM:%TS+00:00\\n')
      echo "\${found:-None}" ;;
    's3 cp')
      to=$(place "$5" stdout)
      [ ! -e "$STORE/faults/put-$(basename "$to")" ] || { rm "$STORE/faults/put-$(basename "$to")"; exit 1; }
      case $5 in s3://*) mkdir -p "$(dirname "$to")" ;; esac
      cat "$(place "$4" stdin)" >"$to" ;;
    esac`,
  certbot: `[ ! -e "$STORE/faults/certbot" ] || exit 1
    live=/etc/letsencrypt/live/${DOMAIN}
    mkdir -p "$live"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=${DOMAIN}/O=issued" \\
      -keyout "$live/privkey.pem" -out "$live/fullchain.pem" 2>/dev/null`,
  curl: `case $* in *api/token) echo token ;; *instance-id) echo i-1 ;; esac`,
  getent: `cat "$STORE/dns"`,
  dnf: ':',
  systemctl: ':',
  sleep: ':',
};

const tools = missing('nginx') ?? noNamespace;
let commands: string;
let store: string;
beforeAll(async () => {
  commands = await mkdtemp(join(tmpdir(), 'gateway-commands-'));
  for (const [command, body] of Object.entries(COMMANDS)) {
    const file = join(commands, command);
    await writeFile(file, `#!/bin/bash\nset -e\necho "${command} $*" >>"$STORE/calls"\n${body}\n`);
    await chmod(file, 0o755);
  }
});
afterAll(() => rm(commands, { recursive: true }));
beforeEach(async () => {
  store = await mkdtemp(join(tmpdir(), 'gateway-boot-'));
  for (const folder of ['objects', 'faults']) await mkdir(join(store, folder));
  await resolvesTo(ADDRESS);
  return () => rm(store, { recursive: true });
});

const resolvesTo = (address: string) =>
  writeFile(join(store, 'dns'), `${address}  STREAM ${DOMAIN}\n${address}  DGRAM\n`);
const fail = (what: string) => writeFile(join(store, 'faults', what), '');
const repair = (what: string) => rm(join(store, 'faults', what));
/** As if the last request was 15 minutes ago. */
async function waitAfterRequest(): Promise<void> {
  const before = Date.now() / 1000 - 901;
  await utimes(join(store, 'objects/tls', DOMAIN, 'requested'), before, before);
}
const objects = async () => (await readdir(join(store, 'objects', 'tls', DOMAIN))).sort();

/**
 * Runs commands on a new machine, in a namespace, and then checks what nginx has.
 * @param domain empty: none
 */
async function onNewMachine(script: string, domain = DOMAIN) {
  const variables = {
    AWS_REGION: 'us-east-1',
    STATE_BUCKET: 'state',
    STACK_NAME: 'labelfleet-run',
    GROUP_LOGICAL_ID: 'GatewayHostGroup',
    ADDRESS_ALLOCATION_ID: 'eipalloc-1',
    ...(domain !== '' && { DOMAIN: domain, ADDRESS }),
  };
  const env = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(store, 'gateway.env'), env.join(''));
  await writeFile(join(store, 'calls'), '');
  const [program = '', ...args] = inNamespace(
    `mkdir "$STORE/etc"; cp -a /etc/ssl /etc/passwd /etc/group /etc/alternatives "$STORE/etc"
    mount -t tmpfs tmpfs /etc; mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib
    mkdir -p /etc/nginx /etc/labelfleet /var/lib/nginx /opt/labelfleet
    mv "$STORE"/etc/* /etc; rmdir "$STORE/etc"
    cp "$STORE/gateway.env" /etc/labelfleet
    cp -r "$1" /opt/labelfleet/gateway
    cd /opt/labelfleet/gateway
    set +e
    ( set -e; ${script} )
    echo "exit code $?"
    PATH=$PATH:/usr/sbin nginx -t -q -c /etc/nginx/nginx.conf && echo 'nginx is configured'
    [ ! -e /etc/nginx/tls ] || openssl x509 -in /etc/nginx/tls/certificate.pem -noout -subject`,
    join(INSTANCE, 'gateway'),
  );
  const { stdout, stderr } = spawnSync(program, args, {
    env: { PATH: `${commands}:${process.env['PATH'] ?? ''}`, STORE: store, TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  const calls = (await readFile(join(store, 'calls'), 'utf8')).split('\n').slice(0, -1);
  return {
    code: Number(/exit code (\d+)/.exec(stdout)?.[1]),
    configured: stdout.includes('nginx is configured'),
    isIssued: stdout.includes('O = issued'),
    calls,
    called: (start: string) => calls.filter((call) => call.startsWith(start)),
    stderr,
  };
}

const REQUEST = './started.sh && ./certificate.sh request';
const DISABLED = 'systemctl disable --now labelfleet-certificate.timer';

describe.skipIf(tools)(`the machine of a gateway ${tools ?? ''}`, () => {
  test('without a domain has nginx, takes its address and reports that it is ready', async () => {
    const { code, configured, calls } = await onNewMachine('./started.sh', '');
    expect([code, configured]).toEqual([0, true]);
    expect(calls).toEqual([
      'dnf install -y -q nginx',
      'systemctl enable --now nginx.service',
      'curl -fsS -o /dev/null http://127.0.0.1:8080/readyz',
      'curl -fsSk -o /dev/null http://127.0.0.1/readyz',
      expect.stringContaining('api/token'),
      expect.stringContaining('instance-id'),
      'aws ec2 associate-address --instance-id i-1 --allocation-id eipalloc-1 --allow-reassociation',
      expect.stringContaining('aws cloudformation signal-resource'),
    ]);
  });

  test('with a domain starts without a certificate, and asks for one once it has the address', async () => {
    const { code, configured, isIssued, calls, called } = await onNewMachine('./started.sh');
    expect([code, configured, isIssued]).toEqual([0, true, false]);
    expect(called('dnf')).toEqual(['dnf install -y -q nginx certbot openssl']);
    expect(called('certbot')).toEqual([]);
    const taken = calls.findIndex((call) => call.startsWith('aws ec2 associate-address'));
    expect(calls.slice(taken + 1)).toEqual([
      'systemctl link /opt/labelfleet/gateway/labelfleet-certificate.service',
      'systemctl enable --now /opt/labelfleet/gateway/labelfleet-certificate.timer',
      expect.stringContaining('aws cloudformation signal-resource'),
    ]);
  });

  test('gives an issued certificate to nginx, stores it, and asks no more', async () => {
    const { code, configured, isIssued, calls, called } = await onNewMachine(REQUEST);
    expect([code, configured, isIssued]).toEqual([0, true, true]);
    expect(called('certbot')).toEqual([
      expect.stringMatching(
        `^certbot certonly --non-interactive .* --webroot-path /var/lib/labelfleet-acme .* --domain ${DOMAIN}$`,
      ),
    ]);
    expect(await objects()).toEqual(['letsencrypt.tar.gz', 'requested']);
    expect(calls.slice(-2)).toEqual(['systemctl enable --now certbot-renew.timer', DISABLED]);
  });

  test('goes on with the certificate of the machine before it', async () => {
    await onNewMachine(REQUEST);
    const { isIssued, called } = await onNewMachine('./started.sh');
    expect([isIssued, called('certbot')]).toEqual([true, []]);
    const asked = await onNewMachine(
      `${REQUEST} && test -x "$(ls -d /etc/letsencrypt/renewal-hooks/deploy/*)"`,
    );
    expect([asked.code, asked.called('certbot'), asked.calls.at(-1)]).toEqual([0, [], DISABLED]);
  });

  test('stores each renewal, and reloads nginx', async () => {
    await onNewMachine(REQUEST);
    const renew = `./started.sh; certbot renew; rm "$STORE"/objects/tls/*/*.gz; /etc/letsencrypt/renewal-hooks/deploy/labelfleet`;
    const { code, isIssued, calls } = await onNewMachine(renew);
    expect([code, isIssued]).toEqual([0, true]);
    expect(calls).toContain('systemctl reload nginx.service');
    expect(await objects()).toContain('letsencrypt.tar.gz');
  });

  test.each(['198.51.100.1', ''])(
    'asks for nothing while the name resolves to "%s"',
    async (address) => {
      if (address === '') await writeFile(join(store, 'dns'), '');
      else await resolvesTo(address);
      const { code, configured, called, stderr } = await onNewMachine(REQUEST);
      expect([code, configured, called('certbot')]).toEqual([1, true, []]);
      expect(stderr).toContain(
        `${DOMAIN} resolves to ${address || 'nothing'}. Set its A record to ${ADDRESS}.`,
      );
    },
  );

  test('is not asked again for 15 minutes after a refusal, by whichever machine', async () => {
    await fail('certbot');
    const refused = await onNewMachine(REQUEST);
    expect([refused.code, refused.configured, refused.isIssued]).toEqual([1, true, false]);
    expect(refused.called(DISABLED)).toEqual([]);
    await repair('certbot');
    const soon = await onNewMachine(REQUEST);
    expect([soon.code, soon.called('certbot')]).toEqual([1, []]);
    expect(soon.stderr).toContain('the next request is 15 min later');
    await waitAfterRequest();
    expect(await onNewMachine(REQUEST)).toMatchObject({ code: 0, isIssued: true });
  });

  test.each(['aws', 'put-requested'])(
    'asks for nothing where it could not store it: %s',
    async (what) => {
      await fail(what);
      // With aws, the boot could not have come so far.
      const { code, configured, called } = await onNewMachine(
        './started.sh || true; ./certificate.sh request',
      );
      expect([code === 0, configured, called('certbot')]).toEqual([false, true, []]);
    },
  );

  test('asks for nothing when it could not see whether there is a certificate', async () => {
    await onNewMachine(REQUEST);
    await waitAfterRequest();
    const once = 'touch "$STORE/faults/list"';
    const { code, isIssued, called } = await onNewMachine(
      `${once}; ./started.sh; ${once}; ./certificate.sh request`,
    );
    expect([code, isIssued, called('certbot')]).toEqual([1, false, []]);
    const later = await onNewMachine(`${once}; ${REQUEST}`);
    expect([later.code, later.isIssued, later.called('certbot')]).toEqual([0, true, []]);
  });

  test('stores a certificate when the bucket is back', async () => {
    await fail('put-letsencrypt.tar.gz');
    const { code, called } = await onNewMachine(REQUEST);
    expect([code, called('sleep').length]).toEqual([0, 1]);
    expect(await objects()).toContain('letsencrypt.tar.gz');
  });
});
