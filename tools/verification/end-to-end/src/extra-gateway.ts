import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StackUnderTest } from './stack-under-test.ts';

const GATEWAY = join(import.meta.dirname, '../../../../dist/apps/gateway/main.js');

/** An additional gateway of a running stack. It is killed when disposed. */
export interface ExtraGateway extends AsyncDisposable {
  readonly url: URL;
  /** SIGKILL, like the loss of its host. */
  kill(): void;
}

/** Starts a gateway from its bundle, which `startStack` has built. */
export async function startExtraGateway({ variables }: StackUnderTest): Promise<ExtraGateway> {
  const env = { ...variables, AWS_EC2_METADATA_DISABLED: 'true', PORT: '0' };
  const child = spawn(process.execPath, [GATEWAY], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const listening = Promise.withResolvers<URL>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) listening.resolve(new URL(url));
  });
  void exited.then(() => listening.reject(new Error('the gateway ended before it listened')));
  return {
    url: await listening.promise,
    kill: () => void child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
