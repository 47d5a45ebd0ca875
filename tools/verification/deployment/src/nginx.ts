import { freePort } from '@labelfleet/testkit/free-port';
import { seededRandom } from '@labelfleet/testkit/random';
import { until } from '@labelfleet/testkit/until';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inNamespace } from './namespace.ts';
import { INSTANCE } from './tools.ts';

export interface Nginx extends AsyncDisposable {
  readonly url: URL;
}

/** Starts nginx with the shipped configuration, on another port and before another gateway. */
export async function startNginx(gateway: URL): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const port = await freePort(seededRandom(process.pid));
  const shipped = await readFile(join(INSTANCE, 'gateway/nginx.conf'), 'utf8');
  const moved = shipped
    .replace('listen 80 default_server', `listen 127.0.0.1:${port} default_server`)
    .replace('    listen [::]:80 default_server;\n', '')
    .replace('server 127.0.0.1:8080', `server ${gateway.host}`);
  await writeFile(join(folder, 'nginx.conf'), moved);
  const [program = '', ...args] = inNamespace(
    'mount -t tmpfs tmpfs /run; PATH=$PATH:/usr/sbin; exec setpriv --pdeathsig TERM nginx -c "$1" -g "daemon off; user root;"',
    join(folder, 'nginx.conf'),
  );
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const exited = once(child, 'exit');
  const url = new URL(`http://127.0.0.1:${port}/`);
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await until('nginx answers', answers, { timeoutMs: 10_000 });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
