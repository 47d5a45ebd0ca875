import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { EXIT, StartError } from '@labelfleet/runtime';
import * as z from 'zod';

import { identify, isAlive, processIdentity, type ProcessIdentity } from './process-identity.ts';

const OWNER = 'local-cloud';

/** Ends the name of a file that is being written. */
const UNFINISHED = '~';

const processRecord = z.object({
  /** Undefined: it was about to be started. */
  identity: processIdentity.optional(),
  /** Where an instance's metadata is served, which its environment names. */
  metadataPort: z.int().optional(),
});

export type ProcessRecord = z.output<typeof processRecord>;

/**
 * A file in the data folder for each process that belongs to it: this server and its instances. So the next
 * start knows what an end without goodbye (kill -9, power) has left running.
 */
export class ProcessRecords {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'processes');
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Takes the data folder for this process. @throws StartError when another server works on it */
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
   * Ends every process group that an earlier server has left.
   * @param identityOf what runs of a record; undefined: nothing does
   * @param isWanted which instances' processes stay
   * @returns what they were the instances of
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

  /** Whole or not at all, whenever this process ends. */
  save(name: string, record: ProcessRecord): void {
    const path = join(this.#folder, name);
    writeFileSync(path + UNFINISHED, JSON.stringify(record));
    renameSync(path + UNFINISHED, path);
  }

  remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  /** Undefined: no such record, or one that cannot be read. */
  find(name: string): ProcessRecord | undefined {
    try {
      return processRecord.parse(JSON.parse(readFileSync(join(this.#folder, name), 'utf8')));
    } catch {
      return undefined;
    }
  }
}

/** Signals a process group; one that has ended is no error. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
