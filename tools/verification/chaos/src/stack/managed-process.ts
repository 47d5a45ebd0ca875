import { sleep } from '@labelfleet/runtime';
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HowKilled, Role } from '../history/event.ts';
import type { History } from '../history/history.ts';

/** Preloaded in each child: stops it when this process has ended, even by SIGKILL. */
const STOP_WITH_PARENT = fileURLToPath(
  import.meta.resolve('@labelfleet/local-stack/stop-with-parent'),
);

/** Exit code of a process that could not reach AWS while it started (EX_UNAVAILABLE). */
const UNAVAILABLE = 69;
const POLL_MS = 25;
/** The pause before a process that could not reach AWS is started again. */
const RETRY_MS = 300;

export interface ProcessToRun {
  role: Exclude<Role, 'worker'>;
  name: string;
  script: string;
  env: Readonly<Record<string, string>>;
  /** The log file of the nth run. */
  logFile: (run: number) => string;
  /** The address of a readiness check; any status counts as ready with `anyAnswer`, else 2xx. */
  ready: { url: string; anyAnswer?: boolean };
}

/**
 * A process that is killed and restarted, as a supervisor does it. Adds its starts and ends to the history.
 */
export class ManagedProcess {
  readonly name: string;
  readonly #toRun: ProcessToRun;
  readonly #history: Pick<History, 'note'>;
  #run = 0;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #asked = false;
  #killed = false;
  #ready = false;

  constructor(toRun: ProcessToRun, history: Pick<History, 'note'>) {
    this.#toRun = toRun;
    this.#history = history;
    this.name = toRun.name;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** True if it runs and has been ready. */
  get ready(): boolean {
    return this.#child !== undefined && this.#ready;
  }

  /** Starts the process, again while it cannot reach AWS; resolves when it is ready, killed or stopped. */
  async start(): Promise<void> {
    this.#asked = false;
    for (;;) {
      this.#spawn();
      while (this.#child !== undefined && !(await this.#answers())) await sleep(POLL_MS);
      this.#ready = this.#child !== undefined;
      if (this.#ready || this.#killed || this.#asked) return;
      await sleep(RETRY_MS);
    }
  }

  /** SIGKILL. @returns false if it was not running */
  async kill(how: HowKilled): Promise<boolean> {
    const pid = this.#child?.pid;
    if (pid === undefined) return false;
    this.#killed = true;
    this.#child?.kill('SIGKILL');
    this.#history.note({ kind: 'killed', ...this.#who, pid, ...how });
    await this.#exited;
    return true;
  }

  /** SIGTERM. @returns false if it has not ended in time */
  async stop(timeoutMs: number): Promise<boolean> {
    this.#asked = true;
    this.#child?.kill('SIGTERM');
    const ended = new AbortController();
    const exited = this.#exited.then(() => ended.abort());
    await Promise.race([exited, sleep(timeoutMs, ended.signal)]);
    return this.#child === undefined;
  }

  get #who() {
    return { role: this.#toRun.role, name: this.name };
  }

  #spawn(): void {
    const { script, env, logFile } = this.#toRun;
    const log = openSync(logFile(++this.#run), 'w');
    const child = spawn(process.execPath, ['--import', STOP_WITH_PARENT, script], {
      env,
      stdio: ['ignore', log, log, 'pipe'],
      // Ctrl-C in the terminal must reach only this program, which stops the processes in order.
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#ready = false;
    this.#killed = false;
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#child = undefined;
        if (!this.#killed) this.#noteEnd(code, signal);
        resolve();
      });
    });
    if (child.pid !== undefined)
      this.#history.note({ kind: 'started', ...this.#who, pid: child.pid });
  }

  #noteEnd(code: number | null, signal: NodeJS.Signals | null): void {
    const tooEarly = code === UNAVAILABLE && !this.#ready;
    const asked = this.#asked;
    this.#history.note({ kind: 'ended', ...this.#who, code, signal, asked, tooEarly });
  }

  async #answers(): Promise<boolean> {
    const { url, anyAnswer = false } = this.#toRun.ready;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1000) });
      await answer.body?.cancel();
      return anyAnswer || answer.ok;
    } catch {
      return false; // it does not listen yet
    }
  }
}
