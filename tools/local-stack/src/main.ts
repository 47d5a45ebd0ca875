import { keepLoopbackDirect, StartError, surviveLostOutput } from '@labelfleet/runtime';
import { parseConfig } from './config.ts';
import { openScreen } from './screen.ts';
import { runStack } from './stack.ts';

surviveLostOutput();
keepLoopbackDirect(process.env);

const stop = new AbortController();
const onSignal = (name: NodeJS.Signals, number: number) => {
  // The second signal leaves at once: the apps notice that their starter is gone and drain by themselves.
  if (stop.signal.aborted) process.exit(128 + number);
  stop.abort(new Error(`stopped by ${name}`));
};
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
process.on('SIGHUP', onSignal);

try {
  const config = parseConfig(process.env, process.cwd());
  const end = await runStack(config, process.env, stop.signal, openScreen(process.stdout));
  process.exit(end === 'stopped' ? 0 : 1);
} catch (error) {
  // Stopped before it was ready, and all that had been started has ended.
  if (error === stop.signal.reason) process.exit(0);
  process.stderr.write(`${error instanceof StartError ? error.message : describe(error)}\n`);
  process.exit(error instanceof StartError ? error.exitCode : 1);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
