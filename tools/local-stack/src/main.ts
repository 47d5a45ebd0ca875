import { keepLoopbackDirect, StartError, surviveLostOutput } from '@labelfleet/runtime';
import { parseConfig } from './config.ts';
import { endLeftovers } from './leftovers.ts';
import { openScreen } from './screen.ts';
import { runStack } from './stack.ts';
import { listenForStop, watchParent } from './stop-requests.ts';

surviveLostOutput();
keepLoopbackDirect(process.env);

const requests = listenForStop(() => performance.now());
const screen = openScreen(process.stdout);

try {
  const config = parseConfig(process.env, process.cwd());
  const { parentPid, dataDir } = config;
  if (parentPid !== undefined) {
    watchParent(parentPid, () => requests.stop(`process ${parentPid}, the parent, has ended`));
  }
  // A second signal kills all processes. The apps continue their work at the next start.
  requests.second.addEventListener('abort', () => {
    void endLeftovers(dataDir, 0).finally(() => leave());
  });
  const end = await runStack(config, process.env, requests.first, screen);
  leave(end === 'stopped' ? 0 : 1);
} catch (error) {
  // The stack was stopped before it was ready, and every process has ended.
  if (error === requests.first.reason) leave(0);
  process.stderr.write(`${error instanceof StartError ? error.message : describe(error)}\n`);
  process.exit(error instanceof StartError ? error.exitCode : 1);
}

/** Exits when no process is left. After a second signal, the exit code is always that of the second signal. */
function leave(exitCode = 0): never {
  screen.say('Stopped, nothing left running.');
  process.exit(requests.second.aborted ? Number(requests.second.reason) : exitCode);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
