import { systemClock } from '@labelfleet/runtime';
import { runAwsCommand } from './aws-command.ts';
import { parseOptions, USAGE, type Options } from './job/options.ts';
import { runJob } from './job/run-job.ts';
import { connectService, orRefusal } from './job/service.ts';
import { cancel, download, list, status } from './job/verbs.ts';

await runAwsCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options !== 'help') return await orRefusal(() => run(options));
  process.stdout.write(`${USAGE}\n`);
  return 0;
});

/** @returns the exit code */
async function run(options: Exclude<Options, 'help'>): Promise<number> {
  const jobs = await connectService(options.url);
  switch (options.command) {
    case 'run':
      return await runJob(jobs, options, systemClock);
    case 'status':
      return await status(jobs, options.id, systemClock);
    case 'cancel':
      return await cancel(jobs, options.id, systemClock);
    case 'results':
    case 'errors':
      return await download(jobs, options);
    case 'list':
      return await list(jobs);
  }
}
