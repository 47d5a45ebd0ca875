import { EXIT, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { bench, COST_HEADER, formatCost } from './commands/bench.ts';
import { formatResults } from './commands/format-results.ts';
import { runTasks } from './commands/run-tasks.ts';
import { simulate } from './engine/simulate.ts';
import { parseOptions, USAGE, type Options } from './options.ts';
import { POLICIES } from './policies/index.ts';
import type { RunResult, Workload } from './types.ts';
import { makeWorkload, WORKLOADS } from './workloads/index.ts';
import { decodeTrace, traceWorkload } from './workloads/trace.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

try {
  await run(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

async function run(options: Options): Promise<void> {
  switch (options.command) {
    case 'help':
      print(USAGE);
      return;
    case 'bench':
      print(COST_HEADER);
      return bench(
        () => performance.now(),
        (cost) => print(formatCost(cost)),
      );
    case 'run':
      print(JSON.stringify(await runOne(options), null, 2));
      return;
    case 'table':
      print(formatResults(await runTable(options)));
      return;
  }
}

async function runTable({ workloads, policies, seeds, threads }: Options & { command: 'table' }) {
  const tasks = workloads.flatMap((workload) =>
    Array.from({ length: seeds }, (_, index) => ({ workload, seed: index + 1, policies })),
  );
  const progress = (done: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${tasks.length}`);
    if (process.stderr.isTTY && done === tasks.length) process.stderr.write('\n');
  };
  return runTasks(tasks, progress, threads);
}

async function runOne({ work, policy: name, seed }: Options & { command: 'run' }) {
  const policy = POLICIES.find((each) => each.name === name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  const workload = 'trace' in work ? await readTrace(work.trace, seed) : known(work.workload, seed);
  const { series: _, ...result }: RunResult = simulate(workload, policy);
  return result;
}

function known(name: string, seed: number): Workload {
  const kind = WORKLOADS.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`no workload ${name}`);
  return makeWorkload(kind, seed);
}

async function readTrace(path: string, seed: number): Promise<Workload> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new StartError(`${path} cannot be read: ${String(error)}`, EXIT.noInput);
  });
  const decoded = decodeTrace(text);
  if (decoded.kind === 'malformed')
    throw new StartError(`${path}: ${decoded.reason}`, EXIT.noInput);
  return traceWorkload(path, decoded.trace, seed);
}
