import { StartError } from '@labelfleet/runtime';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatReplay, replay } from './commands/replay.ts';
import { runOne } from './commands/run-one.ts';
import { runJobs } from './commands/run-jobs.ts';
import { runAblations, runTable } from './commands/run-table.ts';
import { parseOptions, USAGE, type Options } from './options.ts';
import { jobsPage } from './report/jobs-page.ts';

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
    case 'run':
      // The series is for charts only.
      print(JSON.stringify({ ...(await runOne(options)), series: undefined }, null, 2));
      return;
    case 'replay': {
      const replayed = await replay(options.path, print);
      process.stderr.write(`${formatReplay(replayed)}\n`);
      if (replayed.different.length > 0) process.exitCode = 1;
      return;
    }
    case 'table':
      print(await runTable(options, options.out, showProgress));
      if (options.out !== undefined) print(`\nthe report is in ${options.out}`);
      return;
    case 'jobs': {
      const text = jobsPage(runJobs(options.seeds, showProgress));
      print(text);
      if (options.out !== undefined) await writeFile(join(options.out, 'jobs.md'), text);
      return;
    }
    case 'ablations':
      print(await runAblations(options, showProgress));
      return;
  }
}

function showProgress(done: number, all: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${done} of ${all}${done === all ? '\n' : ''}`);
}
