import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { join } from 'node:path';

import type { Logger } from '@labelfleet/runtime';

import type { Images } from '../../config.ts';
import { metadataEndpoint, startMetadata, type Metadata } from '../../metadata/metadata-server.ts';
import type { InstanceHost, Machine, OnEnd } from '../instances/instance-host.ts';
import { InstanceLogs } from './instance-logs.ts';
import type { Instance } from '../instances/instance.ts';
import { machineOf } from './machine.ts';
import { findGroupLeader, identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { killGroup, type ProcessRecord, type ProcessRecords } from './process-records.ts';
import { variablesOf } from './user-data-variables.ts';

const METADATA_VARIABLE = 'AWS_EC2_METADATA_SERVICE_ENDPOINT';

/** The poll interval for the end of a process that an earlier server started. */
const POLL_MS = 200;

export interface ProcessHostOptions {
  readonly region: string;
  readonly dataDir: string;
  readonly images: Images;
  /** The variables of every machine: PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs instances as processes of this machine. Each is a process group that runs its image's command with the
 * environment of a worker on EC2: labelfleet's variables from its user data, and the endpoint of its metadata. It has
 * no access keys; credentials come from metadata.
 */
export class ProcessHost implements InstanceHost {
  readonly #options: ProcessHostOptions;
  readonly #records: ProcessRecords;
  readonly #logger: Logger;
  readonly #logs: InstanceLogs;

  constructor(options: ProcessHostOptions, records: ProcessRecords, logger: Logger) {
    this.#options = options;
    this.#records = records;
    this.#logger = logger;
    this.#logs = new InstanceLogs(join(options.dataDir, 'logs'), logger);
  }

  /** The file of the instance's standard output and standard error. */
  logOf(instanceId: string): string {
    return this.#logs.pathOf(instanceId);
  }

  async start(instance: Instance, onEnd: OnEnd): Promise<Machine> {
    const [program = '', ...args] = this.#options.images[instance.spec.imageId]?.command ?? [];
    const metadata = await this.#serveMetadata(instance);
    const variables = variablesOf(instance.spec.userData);
    if (variables.refused.length > 0) {
      this.#logger.warn(
        { instanceId: instance.id, refused: variables.refused, event: 'user-data.refused' },
        'user data sets variables that no instance gets',
      );
    }
    const log = this.#logs.open(instance.id);
    try {
      // The record is written before the start, so that the process can be found after a crash at any moment.
      this.#records.save(instance.id, { metadataPort: metadata.port });
      const child = spawn(program, args, {
        detached: true,
        stdio: ['ignore', log, log],
        env: {
          ...variables.taken,
          ...this.#options.environment,
          [METADATA_VARIABLE]: metadata.endpoint,
        },
      });
      const { pid } = child;
      const identity = pid === undefined ? undefined : identify(pid);
      try {
        this.#records.save(instance.id, { identity, metadataPort: metadata.port });
      } catch (error) {
        // Without a record (the disk may be full), the next server could not find this process.
        if (pid !== undefined) killGroup(pid, 'SIGKILL');
        throw error;
      }
      await once(child, 'spawn');
      if (pid === undefined) throw new Error('the started process has no PID');
      const watch = (exited: OnEnd) => onExit(child, exited);
      return machineOf(pid, watch, (how) => {
        void this.#clearUp(instance, metadata).then(() => onEnd(how));
      });
    } catch (error) {
      await this.#clearUp(instance, metadata);
      throw error;
    } finally {
      closeSync(log);
    }
  }

  async find(instance: Instance, onEnd: OnEnd): Promise<Machine | undefined> {
    const record = this.#records.find(instance.id);
    const identity = record === undefined ? undefined : identityOf(record);
    if (record?.metadataPort === undefined || identity === undefined) {
      this.#records.remove(instance.id);
      return undefined;
    }
    try {
      const metadata = await this.#serveMetadata(instance, record.metadataPort);
      this.#records.save(instance.id, { ...record, identity });
      this.#logs.watch(instance.id);
      const watch = (exited: OnEnd) => onDisappear(identity, exited);
      return machineOf(identity.pid, watch, (how) => {
        void this.#clearUp(instance, metadata).then(() => onEnd(how));
      });
    } catch (error) {
      // An instance without metadata has no credentials.
      this.#logger.error(
        { error, instanceId: instance.id },
        'instance ended because its metadata cannot be served',
      );
      killGroup(identity.pid, 'SIGKILL');
      this.#records.remove(instance.id);
      return undefined;
    }
  }

  endLeftovers(isWanted: (instanceId: string) => boolean): Promise<string[]> {
    return this.#records.endLeftovers(identityOf, isWanted);
  }

  #serveMetadata(instance: Instance, port?: number): Promise<Metadata> {
    const onFailure = (error: unknown) =>
      this.#logger.error({ error, instanceId: instance.id }, 'metadata call failed');
    return startMetadata(instance, this.#options.region, onFailure, port);
  }

  async #clearUp(instance: Instance, metadata: Metadata): Promise<void> {
    this.#logs.ended(instance.id);
    this.#records.remove(instance.id);
    await metadata.close();
  }
}

function onExit(child: ChildProcess, exited: OnEnd): void {
  const report = () =>
    exited(
      child.exitCode === null
        ? `was killed by ${child.signalCode}`
        : `ended with exit code ${child.exitCode}`,
    );
  if (child.exitCode !== null || child.signalCode !== null) setImmediate(report);
  else child.once('exit', report);
}

function onDisappear(identity: ProcessIdentity, exited: OnEnd): void {
  const poll = setInterval(() => {
    if (isAlive(identity)) return;
    clearInterval(poll);
    exited(undefined);
  }, POLL_MS);
}

/** Finds the running process of a record: by its PID or, if a crash came before that was recorded, by its environment. */
function identityOf({ identity, metadataPort }: ProcessRecord): ProcessIdentity | undefined {
  if (identity !== undefined) return isAlive(identity) ? identity : undefined;
  return metadataPort === undefined
    ? undefined
    : findGroupLeader(`${METADATA_VARIABLE}=${metadataEndpoint(metadataPort)}`);
}
