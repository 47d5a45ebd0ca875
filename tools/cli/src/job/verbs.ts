import { isCompletedJob, type Job, type Jobs } from '@labelfleet/client/jobs';
import type { DownloadOptions } from './options.ts';
import { saveFile } from './save-file.ts';
import { count, doneOf, endText, progressText, usd } from './text.ts';

interface Clock {
  unixMs(): number;
}

const print = (line: string) => void process.stdout.write(`${line}\n`);

export async function status(jobs: Jobs, id: string, clock: Clock): Promise<number> {
  printJob(await jobs.read(id), clock);
  return 0;
}

export async function cancel(jobs: Jobs, id: string, clock: Clock): Promise<number> {
  printJob(await jobs.cancel(id), clock);
  return 0;
}

function printJob(job: Job, clock: Clock): void {
  print(`${job.id}\t${job.status}\t${sourceText(job)}`);
  print(isCompletedJob(job) ? endText(job) : progressText(job, clock.unixMs()));
}

/** Prints the newest jobs, one a line. */
export async function list(jobs: Jobs): Promise<number> {
  for (const job of (await jobs.list()).jobs) {
    const { id, status, createdAt, counts, costUsd } = job;
    const fields = [id, status, createdAt, `${count(doneOf(job))}/${count(counts.listed)}`];
    print([...fields, costUsd === null ? '' : usd(costUsd), sourceText(job)].join('\t'));
  }
  return 0;
}

/** Writes results or errors to a file or to standard output. */
export async function download(
  jobs: Jobs,
  { command, id, format, file }: DownloadOptions,
): Promise<number> {
  const chunks = jobs.download(id, command, { format });
  if (file !== undefined) await saveFile(file, chunks);
  else for await (const chunk of chunks) await write(chunk);
  return 0;
}

/** Resolves when standard output takes more. */
const write = (chunk: Uint8Array) =>
  new Promise<void>((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
  });

const sourceText = ({ source }: Job) => ('prefix' in source ? source.prefix : source.manifest);
