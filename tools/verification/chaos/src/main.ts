import { keepLoopbackDirect, StartError } from '@labelfleet/runtime';
import { buildApps } from '@labelfleet/local-stack/build';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { check } from './check/check.ts';
import { runChaos } from './chaos.ts';
import type { HistoryEvent } from './history/event.ts';
import { History } from './history/history.ts';
import { readHistory } from './history/read-history.ts';
import { parseOptions, USAGE, type ChaosOptions } from './options.ts';
import { makeReport } from './report.ts';

const WORKSPACE = join(import.meta.dirname, '../../../..');

keepLoopbackDirect(process.env);

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

try {
  const command = parseOptions(process.argv.slice(2), process.cwd());
  if (command.kind === 'help') say(USAGE);
  else if (command.kind === 'check') report(await readHistory(command.file));
  else await run(command);
  process.exit();
} catch (error) {
  process.stderr.write(
    `${error instanceof StartError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(error instanceof StartError ? error.exitCode : 1);
}

async function run(options: ChaosOptions): Promise<void> {
  const beganAt = performance.now();
  const file =
    options.history ??
    join(WORKSPACE, '.labelfleet/chaos', `${new Date().toISOString().replaceAll(':', '-')}.jsonl`);
  await mkdir(dirname(file), { recursive: true });
  const history = new History(file);
  say(`seed ${options.seed}, history in ${file}`);
  const dataDir = await mkdtemp(join(tmpdir(), 'chaos-'));
  try {
    const bundles = options.bundles ?? (await build(dataDir));
    await runChaos(
      {
        ...options,
        bundles,
        dataDir,
        env: process.env,
        stop: stop.signal,
        say: (line) =>
          say(`${((performance.now() - beganAt) / 1000).toFixed(0).padStart(4)} s  ${line}`),
      },
      history,
    );
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
  stop.signal.throwIfAborted();
  report(history.events);
  say(`History: ${file}`);
}

async function build(dataDir: string): Promise<string> {
  say('Building the apps …');
  await buildApps(WORKSPACE, join(dataDir, 'build.log'), process.env, stop.signal);
  return join(WORKSPACE, 'dist/apps');
}

function report(events: readonly HistoryEvent[]): void {
  const { lines, passed } = makeReport(events, check(events));
  say(
    `\n${lines.join('\n')}\n\n${passed ? 'PASSED: no rule was broken.' : 'FAILED: see the lines above.'}`,
  );
  process.exitCode = passed ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
