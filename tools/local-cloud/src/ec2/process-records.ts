import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { EXIT, StartError } from '@labelfleet/runtime';

import { identify, isAlive, processIdentity, type ProcessIdentity } from './process-identity.ts';

const OWNER = 'local-cloud';

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
    const owner = this.#read(OWNER);
    if (owner !== undefined && owner.pid !== process.pid && isAlive(owner)) {
      throw new StartError(
        `The data folder ${this.#folder} is in use by process ${owner.pid}.`,
        EXIT.unavailable,
      );
    }
    this.add(OWNER, process.pid);
  }

  release(): void {
    this.remove(OWNER);
  }

  /** Ends every process group that an earlier server has left. @returns what they were the instances of */
  async endLeftovers(): Promise<string[]> {
    const left: string[] = [];
    for (const name of readdirSync(this.#folder)) {
      const identity = this.#read(name);
      if (name === OWNER) continue;
      if (identity !== undefined && isAlive(identity)) {
        left.push(name);
        killGroup(identity.pid, 'SIGKILL');
        while (isAlive(identity)) await delay(5);
      }
      this.remove(name);
    }
    return left;
  }

  add(name: string, pid: number): void {
    const identity = identify(pid);
    if (identity !== undefined) writeFileSync(join(this.#folder, name), JSON.stringify(identity));
  }

  remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  /** Undefined: no such record, or one that was cut short. */
  #read(name: string): ProcessIdentity | undefined {
    try {
      return processIdentity.parse(JSON.parse(readFileSync(join(this.#folder, name), 'utf8')));
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
