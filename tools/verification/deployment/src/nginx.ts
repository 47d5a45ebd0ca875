import { freePort } from '@labelfleet/testkit/free-port';
import { seededRandom } from '@labelfleet/testkit/random';
import { until } from '@labelfleet/testkit/until';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inNamespace } from './namespace.ts';
import { INSTANCE } from './tools.ts';

export interface Nginx extends AsyncDisposable {
  /** Of the server that passes requests on; by https, with a certificate that nobody trusts. */
  readonly url: URL;
  /** Of port 80, which is the same without TLS. */
  readonly plainUrl: URL;
  /** What certbot would write files to. */
  readonly webroot: string;
}

/** Puts the shipped configuration into a folder, as on an instance. */
export async function configureNginx(folder: string, scheme: 'http' | 'https'): Promise<void> {
  const labelfleet = join(folder, 'labelfleet');
  await cp(join(INSTANCE, 'gateway/nginx'), labelfleet, { recursive: true });
  await rename(join(labelfleet, 'nginx.conf'), join(folder, 'nginx.conf'));
  await rename(join(labelfleet, `${scheme}.conf`), join(labelfleet, 'server.conf'));
  if (scheme === 'http') return;
  await cp(await selfSigned(folder), join(folder, 'tls'), { recursive: true });
}

/** @returns a folder with a key and its certificate */
async function selfSigned(folder: string): Promise<string> {
  const made = await mkdtemp(join(folder, 'made-'));
  const files = ['-keyout', join(made, 'key.pem'), '-out', join(made, 'certificate.pem')];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...args, ...files], { stdio: 'ignore' });
  return made;
}

/** Starts nginx with the shipped configuration, on other ports and before another gateway. */
export async function startNginx(gateway: URL, scheme: 'http' | 'https' = 'http'): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  await configureNginx(folder, scheme);
  const random = seededRandom(process.pid);
  const ports = { 80: await freePort(random), 443: await freePort(random) };
  const webroot = join(folder, 'webroot');
  for (const file of ['nginx.conf', 'labelfleet/server.conf']) {
    const shipped = await readFile(join(folder, file), 'utf8');
    const moved = shipped
      .replace(/ *listen \[::\]:.*\n/g, '')
      .replace('listen 80 ', `listen 127.0.0.1:${ports[80]} `)
      .replace('listen 443 ', `listen 127.0.0.1:${ports[443]} `)
      .replace('/var/lib/labelfleet-acme', webroot)
      .replace('server 127.0.0.1:8080', `server ${gateway.host}`);
    await writeFile(join(folder, file), moved);
  }
  const [program = '', ...args] = inNamespace(
    'mount -t tmpfs tmpfs /run; PATH=$PATH:/usr/sbin; exec setpriv --pdeathsig TERM nginx -c "$1" -g "daemon off; user root;"',
    join(folder, 'nginx.conf'),
  );
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const exited = once(child, 'exit');
  const plainUrl = new URL(`http://127.0.0.1:${ports[80]}/`);
  const answers = () =>
    fetch(plainUrl, { redirect: 'manual' }).then(
      () => true,
      () => false,
    );
  await until('nginx answers', answers, { timeoutMs: 10_000 });
  return {
    url: scheme === 'http' ? plainUrl : new URL(`https://127.0.0.1:${ports[443]}/`),
    plainUrl,
    webroot,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
