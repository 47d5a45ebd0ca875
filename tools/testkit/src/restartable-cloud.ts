import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connectAws, type AwsClients } from './aws-clients.ts';
import { freePort } from './free-port.ts';
import { startLocalCloud, type LocalCloudOptions } from './local-cloud.ts';
import { seededRandom } from './random.ts';

/** A local cloud that is killed and started again on one port and one data folder. */
export class RestartableCloud implements AsyncDisposable {
  readonly endpoint: string;
  readonly dataDir: string;
  /** They stay valid over a restart. */
  readonly clients: AwsClients;
  readonly #options: LocalCloudOptions;
  #server: ChildProcess | undefined;
  #serves = false;
  #up = Promise.withResolvers<void>();

  private constructor(options: LocalCloudOptions & { dataDir: string; port: number }) {
    this.#options = options;
    this.dataDir = options.dataDir;
    this.endpoint = `http://127.0.0.1:${options.port}`;
    this.clients = connectAws(this.endpoint);
  }

  /** Chooses the port and creates the data folder. It keeps its state there by default. */
  static async create(options: LocalCloudOptions = {}): Promise<RestartableCloud> {
    const port = await freePort(seededRandom(process.pid * Date.now()));
    const dataDir = await mkdtemp(join(tmpdir(), 'local-cloud-'));
    return new RestartableCloud({ storage: 'durable', ...options, dataDir, port });
  }

  static async start(options: LocalCloudOptions = {}): Promise<RestartableCloud> {
    const cloud = await RestartableCloud.create(options);
    await cloud.start();
    return cloud;
  }

  get server(): ChildProcess {
    if (this.#server === undefined) throw new Error('The local cloud has not been started.');
    return this.#server;
  }

  /** Resolves when it serves, so that clients do not call a server that is down. */
  whenUp(): Promise<void> {
    return this.#up.promise;
  }

  /** @returns true when it serves, false if it was killed before */
  async start(changes: LocalCloudOptions = {}): Promise<boolean> {
    const onSpawn = (server: ChildProcess) => (this.#server = server);
    try {
      await startLocalCloud({ ...this.#options, ...changes, onSpawn });
    } catch (error) {
      if (this.#server?.signalCode === 'SIGKILL') return false;
      throw error;
    }
    this.#serves = true;
    this.#up.resolve();
    return true;
  }

  /** Ends the server at once. Its instances go on running. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends the server and its instances. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.clients[Symbol.dispose]();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#serves) this.#up = Promise.withResolvers();
    this.#serves = false;
    const server = this.#server;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  }
}
