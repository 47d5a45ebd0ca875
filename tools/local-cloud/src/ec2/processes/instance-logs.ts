import { boundLog, LOOK_AT_LOGS_MS, type Logger } from '@labelfleet/runtime';
import { mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { logsToRemove } from './logs-to-remove.ts';

/** Of instances that have ended; those of running ones come on top. */
const MAX_ENDED_LOGS = 100;

/** What the instances write: a file for each in one folder, of bounded size and number. */
export class InstanceLogs {
  readonly #folder: string;
  readonly #running = new Set<string>();
  readonly #logger: Logger;
  #failure: string | undefined;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
    mkdirSync(folder, { recursive: true });
    // An unref'd timer: it ends with the process.
    setInterval(() => this.#bound(), LOOK_AT_LOGS_MS).unref();
  }

  pathOf(instanceId: string): string {
    return join(this.#folder, `${instanceId}.log`);
  }

  /** The log of a new instance, for appending. @returns its file descriptor */
  open(instanceId: string): number {
    this.watch(instanceId);
    this.#removeOld();
    return openSync(this.pathOf(instanceId), 'a');
  }

  /** Keeps the log of a running instance. */
  watch(instanceId: string): void {
    this.#running.add(instanceId);
  }

  ended(instanceId: string): void {
    this.#running.delete(instanceId);
  }

  #removeOld(): void {
    const files = readdirSync(this.#folder).flatMap((name) => {
      const stat = statSync(join(this.#folder, name), { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ name, writtenMs: stat.mtimeMs }];
    });
    for (const name of logsToRemove(files, this.#running, MAX_ENDED_LOGS)) {
      rmSync(join(this.#folder, name), { force: true });
    }
  }

  #bound(): void {
    for (const id of this.#running) {
      try {
        boundLog(this.pathOf(id));
        this.#failure = undefined;
      } catch (error) {
        // Once, not every second.
        if (this.#failure !== String(error)) {
          this.#logger.warn({ error, instanceId: id }, 'log not bounded');
        }
        this.#failure = String(error);
      }
    }
  }
}
