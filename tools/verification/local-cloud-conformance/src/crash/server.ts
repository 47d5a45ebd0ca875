import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../../local-cloud/src/main.ts', import.meta.url));

/** A local cloud that can be killed and restarted on the same port and data folder. */
export class CrashingServer {
  readonly endpoint: string;
  readonly dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #serves = false;
  #up = Promise.withResolvers<void>();

  constructor(port: number, dataDir: string, images: object) {
    this.endpoint = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      LOG_LEVEL: 'error',
      LOCAL_CLOUD_PORT: String(port),
      LOCAL_CLOUD_DATA_DIR: dataDir,
      LOCAL_CLOUD_IMAGES: JSON.stringify(images),
      LOCAL_BOOT_SECONDS: '0.05',
      LOCAL_CLOUD_GRACE_SECONDS: '2',
      LOCAL_CLOUD_STOP_WITH_STDIN: 'true',
    };
  }

  /** Resolves when it serves, so that clients do not call a server that is down. */
  whenUp(): Promise<void> {
    return this.#up.promise;
  }

  /** Starts it. @returns true when it serves, false if it was killed before */
  async start(): Promise<boolean> {
    const child = spawn(process.execPath, [MAIN], {
      env: this.#env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    const lines = createInterface({ input: child.stdout });
    const serves = await new Promise<boolean>((resolve) => {
      lines.on('line', (line) => {
        if (line.startsWith('{"listening"')) resolve(true);
        else process.stderr.write(`${line}\n`);
      });
      lines.once('close', () => resolve(false));
    });
    if (serves) {
      this.#serves = true;
      this.#up.resolve();
      return true;
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.signalCode === 'SIGKILL') return false;
    throw new Error(`local-cloud did not start: exit code ${child.exitCode}`);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (this.#serves) this.#up = Promise.withResolvers();
    this.#serves = false;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** SIGTERM, which ends its instances too. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
}
