import { StartError } from '@labelfleet/runtime';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname } from 'node:path';

/**
 * Builds the three apps, or takes them from Nx's cache. The output goes to the log file. Rejects with the signal's
 * reason when aborted.
 * @param workspace the workspace's folder
 * @throws StartError with the end of the output if the build fails
 */
export async function buildApps(
  workspace: string,
  logFile: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const code = await runNx(workspace, logFile, env, signal);
  signal.throwIfAborted();
  if (code === 0) return;
  const tail = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-15);
  throw new StartError([`The build failed. Its output is ${logFile}`, ...tail].join('\n  '), 1);
}

function runNx(workspace: string, logFile: string, env: NodeJS.ProcessEnv, signal: AbortSignal) {
  const log = openSync(logFile, 'w');
  const nx = createRequire(import.meta.url).resolve('nx/bin/nx.js');
  const args = [nx, 'run-many', '-t', 'build', '-p', 'gateway,worker,scaler'];
  const child = spawn(process.execPath, args, {
    cwd: workspace,
    env: {
      ...env,
      // Nx runs `node`, which must be this one. Its daemon would outlive the stack.
      PATH: [dirname(process.execPath), env['PATH']].join(delimiter),
      NX_DAEMON: 'false',
      NX_DEFAULT_OUTPUT_STYLE: 'static',
    },
    stdio: ['ignore', log, log],
    signal,
  });
  closeSync(log);
  return new Promise<number | null>((resolve) => {
    // The build was aborted or could not be started. The caller checks the signal.
    child.on('error', () => {
      resolve(null);
    });
    child.on('exit', resolve);
  });
}
