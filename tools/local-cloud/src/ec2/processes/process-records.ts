import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { EXIT, StartError } from '@labelfleet/runtime';
import * as z from 'zod';

import { identify, isAlive, processIdentity, type ProcessIdentity } from './process-identity.ts';

const OWNER = 'local-cloud';

/** The suffix of a file that is being written. */
const UNFINISHED = '~';

const processRecord = z.object({
  /** Undefined if the process was about to be started. */
  identity: processIdentity.optional(),
  /** The metadata port of the instance, which is also in its environment. */
  metadataPort: z.int().optional(),
});

export type ProcessRecord = z.output<typeof processRecord>;

/**
 * Keeps one file per process of this data folder: this server and its instances. After a crash (kill -9, power loss),
 * the next start learns from them which processes still run.
 */
export class ProcessRecords {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'processes');
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Claims the data folder for this process. @throws StartError if another server uses it */
  claim(): void {
    const owner = this.find(OWNER)?.identity;
    if (owner !== undefined && owner.pid !== process.pid && isAlive(owner)) {
      throw new StartError(
        `The data folder ${this.#folder} is in use by process ${owner.pid}.`,
        EXIT.unavailable,
      );
    }
    this.save(OWNER, { identity: identify(process.pid) });
  }

  release(): void {
    this.remove(OWNER);
  }

  /**
   * Ends the process groups that an earlier server left running.
   * @param identityOf returns the running process of a record, or undefined
   * @param isWanted true for instances whose processes stay
   * @returns the ids of the instances whose processes were ended
   */
  async endLeftovers(
    identityOf: (record: ProcessRecord) => ProcessIdentity | undefined,
    isWanted: (name: string) => boolean,
  ): Promise<string[]> {
    const left: string[] = [];
    for (const name of readdirSync(this.#folder)) {
      if (name === OWNER || isWanted(name)) continue;
      const record = name.endsWith(UNFINISHED) ? undefined : this.find(name);
      const identity = record === undefined ? undefined : identityOf(record);
      if (identity !== undefined) {
        left.push(name);
        killGroup(identity.pid, 'SIGKILL');
        while (isAlive(identity)) await delay(5);
      }
      this.remove(name);
    }
    return left;
  }

  /** Writes the file atomically, so that a crash leaves no partial file. */
  save(name: string, record: ProcessRecord): void {
    const path = join(this.#folder, name);
    writeFileSync(path + UNFINISHED, JSON.stringify(record));
    renameSync(path + UNFINISHED, path);
  }

  remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  /** Undefined if there is no such record or it cannot be parsed. */
  find(name: string): ProcessRecord | undefined {
    try {
      return processRecord.parse(JSON.parse(readFileSync(join(this.#folder, name), 'utf8')));
    } catch {
      return undefined;
    }
  }
}

/** Signals a process group. It is not an error if the group has ended. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
