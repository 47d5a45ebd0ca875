import { rotateLog, LOG_CHECK_MS, type Logger } from '@labelfleet/runtime';
import { mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { logsToRemove } from './logs-to-remove.ts';

/** The number of logs of ended instances. The logs of running ones are kept in addition. */
const MAX_ENDED_LOGS = 100;

/** The logs of the instances: one file each in one folder, with limits on size and number. */
export class InstanceLogs {
  readonly #folder: string;
  readonly #running = new Set<string>();
  readonly #logger: Logger;
  #failure: string | undefined;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
    mkdirSync(folder, { recursive: true });
    // The timer is unref'd, so it does not keep the process running.
    setInterval(() => this.#rotate(), LOG_CHECK_MS).unref();
  }

  pathOf(instanceId: string): string {
    return join(this.#folder, `${instanceId}.log`);
  }

  /** Opens the log of a new instance for appending. @returns its file descriptor */
  open(instanceId: string): number {
    this.watch(instanceId);
    this.#removeOld();
    return openSync(this.pathOf(instanceId), 'a');
  }

  /** Rotates and keeps the log of an instance until it has ended. */
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

  #rotate(): void {
    for (const id of this.#running) {
      try {
        rotateLog(this.pathOf(id));
        this.#failure = undefined;
      } catch (error) {
        // A repeated failure is logged once, not at every check.
        if (this.#failure !== String(error)) {
          this.#logger.warn({ error, instanceId: id }, 'log rotation failed');
        }
        this.#failure = String(error);
      }
    }
  }
}
