import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import type { Logger } from '@labelfleet/runtime';

import type { Images } from '../config.ts';
import { startMetadata } from '../metadata/metadata-server.ts';
import type { InstanceHost, Machine } from './instance-host.ts';
import type { Instance } from './instance.ts';
import { killGroup, type ProcessRecords } from './process-records.ts';

export interface ProcessHostOptions {
  readonly region: string;
  readonly dataDir: string;
  readonly images: Images;
  /** What every machine has: PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Instances as processes of this machine. Each is a process group that runs its image's command, with the
 * environment that a worker has on EC2: the dotenv lines of its user data, and where its metadata is. There
 * are no access keys in it; credentials come from metadata.
 */
export class ProcessHost implements InstanceHost {
  readonly #options: ProcessHostOptions;
  readonly #records: ProcessRecords;
  readonly #logger: Logger;
  readonly #logs: string;

  constructor(options: ProcessHostOptions, records: ProcessRecords, logger: Logger) {
    this.#options = options;
    this.#records = records;
    this.#logger = logger;
    this.#logs = join(options.dataDir, 'logs');
    mkdirSync(this.#logs, { recursive: true });
  }

  /** What the instance has written to standard output and standard error. */
  logOf(instanceId: string): string {
    return join(this.#logs, `${instanceId}.log`);
  }

  async start(instance: Instance, onEnd: () => void): Promise<Machine> {
    const [program = '', ...args] = this.#options.images[instance.spec.imageId]?.command ?? [];
    const metadata = await startMetadata(instance, this.#options.region, (error) =>
      this.#logger.error({ error, instanceId: instance.id }, 'a metadata call failed'),
    );
    const log = openSync(this.logOf(instance.id), 'a');
    try {
      const child = spawn(program, args, {
        detached: true,
        stdio: ['ignore', log, log],
        env: {
          ...this.#options.environment,
          AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint,
          ...parseEnv(Buffer.from(instance.spec.userData ?? '', 'base64').toString()),
        },
      });
      const { pid } = child;
      if (pid !== undefined) this.#records.add(instance.id, pid);
      await once(child, 'spawn');
      return machineOf(child, async () => {
        this.#records.remove(instance.id);
        await metadata.close();
        onEnd();
      });
    } catch (error) {
      await metadata.close();
      throw error;
    } finally {
      closeSync(log);
    }
  }
}

function machineOf(child: ReturnType<typeof spawn>, onExit: () => Promise<void>): Machine {
  const { pid } = child;
  if (pid === undefined) throw new Error('a process without a number was started');
  let kill: NodeJS.Timeout | undefined;
  let ended = false;
  const exited = () => {
    clearTimeout(kill);
    ended = true;
    killGroup(pid, 'SIGKILL'); // what it has left behind ends with it, as on a machine that is switched off
    void onExit();
  };
  if (child.exitCode !== null || child.signalCode !== null) setImmediate(exited);
  else child.once('exit', exited);
  return {
    terminate(graceMs) {
      if (ended) return;
      if (kill === undefined) killGroup(pid, 'SIGTERM');
      clearTimeout(kill);
      kill = setTimeout(() => killGroup(pid, 'SIGKILL'), graceMs);
    },
  };
}
