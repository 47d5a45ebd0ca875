import { rotateLog, LOG_CHECK_MS, StartError } from '@labelfleet/runtime';
import { isSystemError } from '@labelfleet/runtime/system-error';
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Variables } from './app-environments.ts';

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;
const STOP_WITH_PARENT = join(import.meta.dirname, 'stop-with-parent.ts');

export interface AppToStart {
  /** The name in messages. */
  name: string;
  /** The path of the script, which this Node runs. */
  script: string;
  env: Variables;
  /** The file for its output. It is emptied at the start and rotated at its maximum size; one older file is kept. */
  logFile: string;
  /** The time from SIGTERM to SIGKILL of its process group. */
  stopTimeoutMs: number;
}

/** A running app. Disposing of it stops it and resolves when it has ended. */
export interface RunningApp extends AsyncDisposable {
  readonly name: string;
  /** Aborted when the app has ended without being stopped; its reason is a StartError that says how. */
  readonly died: AbortSignal;
}

/**
 * Starts an app as a process that ends with this one. It leads a new process group, so a Ctrl-C in the terminal
 * reaches only the starter, which stops the apps in order.
 */
export function startApp(app: AppToStart): RunningApp {
  const log = openSync(app.logFile, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  const child = spawn(process.execPath, ['--import', STOP_WITH_PARENT, app.script], {
    env: app.env,
    stdio: ['ignore', log, log, 'pipe'],
    detached: true,
  });
  closeSync(log);
  const logCheck = setInterval(() => limitLog(app), LOG_CHECK_MS);
  const died = new AbortController();
  let stopping = false;
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      clearInterval(logCheck);
      died.abort(new StartError(`${app.name} cannot be started: ${error.message}`, 1));
      resolve();
    });
    child.on('exit', (code, signal) => {
      clearInterval(logCheck);
      resolve();
      if (stopping) return;
      void exitError(app, code, signal).then((error) => {
        died.abort(error);
      });
    });
  });
  const { pid } = child;
  return {
    name: app.name,
    died: died.signal,
    async [Symbol.asyncDispose]() {
      stopping = true;
      if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const kill = setTimeout(() => process.kill(-pid, 'SIGKILL'), app.stopTimeoutMs);
      await ended;
      clearTimeout(kill);
    },
  };
}

/** Limits the size of the log. If that fails, the app continues, as it does when its log cannot be written. */
function limitLog({ logFile }: AppToStart): void {
  try {
    rotateLog(logFile);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** Returns an error with the exit code of the app, which distinguishes a wrong configuration from other reasons. */
async function exitError(
  app: AppToStart,
  code: number | null,
  signal: string | null,
): Promise<StartError> {
  const how = code === null ? `was killed by ${signal}` : `ended with exit code ${code}`;
  const lines = lastLines(await readFile(app.logFile, 'utf8').catch(String));
  return new StartError(
    [`${app.name} ${how}. Its log is ${app.logFile}`, ...lines].join('\n  '),
    code === null || code === 0 ? 1 : code,
  );
}

/** Returns the last lines of a log that are neither JSON nor a stack trace. */
function lastLines(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\{|^\s+at /.test(line))
    .slice(-6);
}
