import { StartError } from '@labelfleet/runtime';
import { bench, COST_HEADER, formatCost } from './commands/bench.ts';
import { formatResults } from './commands/format-results.ts';
import { runOne } from './commands/run-one.ts';
import { runTasks } from './commands/run-tasks.ts';
import { formatReplay, replay } from './commands/replay.ts';
import { parseOptions, USAGE, type Options, type Table } from './options.ts';

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
      // The series is for pictures.
      print(JSON.stringify({ ...(await runOne(options)), series: undefined }, null, 2));
      return;
    case 'replay': {
      const replayed = await replay(options.path, print);
      process.stderr.write(`${formatReplay(replayed)}\n`);
      if (replayed.different.length > 0) process.exitCode = 1;
      return;
    }
    case 'table':
    case 'ablations':
      print(formatResults(await runTable(options)));
      return;
  }
}

async function runTable({ workloads, policies, seeds, threads }: Table) {
  const tasks = workloads.flatMap((workload) =>
    Array.from({ length: seeds }, (_, index) => ({ workload, seed: index + 1, policies })),
  );
  const progress = (done: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${tasks.length}`);
    if (process.stderr.isTTY && done === tasks.length) process.stderr.write('\n');
  };
  return runTasks(tasks, progress, threads);
}
