import { runCommand } from '@labelfleet/runtime';
import { buildApps } from '@labelfleet/local-stack/build';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkAlerts } from './alerts/check-alerts.ts';
import { check } from './check/check.ts';
import { runChaos } from './chaos.ts';
import type { HistoryEvent } from './history/event.ts';
import { History, readHistory } from './history/history.ts';
import { parseOptions, USAGE, type ChaosOptions } from './options.ts';
import { makeReport } from './report.ts';

const WORKSPACE = join(import.meta.dirname, '../../../..');

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

await runCommand(async () => {
  const command = parseOptions(process.argv.slice(2), process.cwd());
  if (command.kind === 'check') return report(await readHistory(command.file));
  if (command.kind === 'run') return run(command);
  say(USAGE);
  return 0;
});
process.exit();

async function run(options: ChaosOptions): Promise<number> {
  const beganAt = performance.now();
  const file =
    options.history ??
    join(WORKSPACE, '.labelfleet/chaos', `${new Date().toISOString().replaceAll(':', '-')}.jsonl`);
  await mkdir(dirname(file), { recursive: true });
  const history = new History(file);
  say(`seed ${options.seed}, history in ${file}`);
  const dataDir = await mkdtemp(join(tmpdir(), 'chaos-'));
  const sayWhen = (line: string) => {
    say(`${((performance.now() - beganAt) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  };
  try {
    const bundles = options.bundles ?? (await build(dataDir));
    const { env } = process;
    await runChaos({ ...options, bundles, dataDir, env, stop: stop.signal, say: sayWhen }, history);
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
  stop.signal.throwIfAborted();
  const code = await report(history.events);
  say(`History: ${file}`);
  return code;
}

async function build(dataDir: string): Promise<string> {
  say('Building the apps …');
  await buildApps(WORKSPACE, join(dataDir, 'build.log'), process.env, stop.signal);
  return join(WORKSPACE, 'dist/apps');
}

async function report(events: readonly HistoryEvent[]): Promise<number> {
  const { lines, passed } = makeReport(events, check(events), await checkAlerts(events));
  const verdict = passed
    ? 'PASSED: no rule was broken, and the alerts fired that should.'
    : 'FAILED: see the lines above.';
  say(`\n${lines.join('\n')}\n\n${verdict}`);
  return passed ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
