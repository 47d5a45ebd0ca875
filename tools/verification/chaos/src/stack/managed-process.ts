import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventOf, Role } from '../history/event.ts';
import type { History } from '../history/history.ts';

/** Ends a child in good order when this process is gone, however it went. */
const STOP_WITH_PARENT = fileURLToPath(
  import.meta.resolve('@labelfleet/local-stack/stop-with-parent'),
);

/** Exit code of a process that could not reach AWS as it started (EX_UNAVAILABLE). */
const UNAVAILABLE = 69;
const LOOK_EVERY_MS = 25;
/** Before a process is started again that found nothing to start with. */
const AGAIN_AFTER_MS = 300;

export interface ProcessToRun {
  role: Exclude<Role, 'worker'>;
  name: string;
  script: string;
  env: Readonly<Record<string, string>>;
  /** The log of its nth run. */
  logFile: (run: number) => string;
  /** An address that answers with 2xx (or at all, where `anyAnswer`) once it can be used. */
  ready: { url: string; anyAnswer?: boolean };
}

/**
 * A process that is killed and started again and again, as by its supervisor. What becomes of it is noted in
 * the history.
 */
export class ManagedProcess {
  readonly name: string;
  readonly role: ProcessToRun['role'];
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
    this.role = toRun.role;
    this.name = toRun.name;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether it runs and could be used. */
  get ready(): boolean {
    return this.running && this.#ready;
  }

  /** Starts it, again where it could not yet; resolves when it can be used, or has been killed or stopped. */
  async start(): Promise<void> {
    this.#asked = false;
    for (;;) {
      this.#spawn();
      while (this.running && !(await this.#answers())) await delay(LOOK_EVERY_MS);
      this.#ready = this.running;
      if (this.running || this.#killed || this.#asked) return;
      await delay(AGAIN_AFTER_MS);
    }
  }

  /** kill -9, at once. @returns whether there was something to kill */
  async kill(caught: Pick<EventOf<'killed'>, 'step' | 'holding' | 'late'>): Promise<boolean> {
    const child = this.#child;
    if (child?.pid === undefined) return false;
    this.#killed = true;
    child.kill('SIGKILL');
    const { role, name } = this;
    this.#history.note({ kind: 'killed', role, name, pid: child.pid, ...caught });
    await this.#exited;
    return true;
  }

  /** SIGTERM; resolves when it has ended, or with false when it has not in time. */
  async stop(timeoutMs: number): Promise<boolean> {
    this.#asked = true;
    this.#child?.kill('SIGTERM');
    const late = delay(timeoutMs, false, { ref: false });
    return Promise.race([this.#exited.then(() => true), late]);
  }

  #spawn(): void {
    const { script, env, logFile, role, name } = this.#toRun;
    const log = openSync(logFile(++this.#run), 'w');
    const child = spawn(process.execPath, ['--import', STOP_WITH_PARENT, script], {
      env,
      stdio: ['ignore', log, log, 'pipe'],
      // A Ctrl-C in the terminal is for the driver, which then stops everything in order.
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
      this.#history.note({ kind: 'started', role, name, pid: child.pid });
  }

  #noteEnd(code: number | null, signal: NodeJS.Signals | null): void {
    const { role, name } = this;
    const tooEarly = code === UNAVAILABLE && !this.#ready;
    this.#history.note({ kind: 'ended', role, name, code, signal, asked: this.#asked, tooEarly });
  }

  async #answers(): Promise<boolean> {
    const { url, anyAnswer = false } = this.#toRun.ready;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1000) });
      await answer.body?.cancel();
      return anyAnswer || answer.ok;
    } catch {
      return false; // nobody listens yet
    }
  }
}
