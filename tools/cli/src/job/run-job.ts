import { isCompletedJob, type Job, type Jobs } from '@labelfleet/client/jobs';
import { retryLine } from '../explain-call.ts';
import { INTERRUPTED, signalOfUser } from '../signal-of-user.ts';
import { openJobProgress } from './job-progress.ts';
import type { RunOptions } from './options.ts';
import { prepareSource, type PreparedSource } from './prepare-source.ts';
import { checkWritable, saveFile } from './save-file.ts';
import { startJob } from './start-job.ts';
import { count, endText, estimateText } from './text.ts';

const say = (line: string) => void process.stderr.write(`${line}\n`);

interface Clock {
  unixMs(): number;
}

/** @returns the exit code: 1 if an image could not be classified or the job did not succeed, 130 after Ctrl-C */
export async function runJob(jobs: Jobs, options: RunOptions, clock: Clock): Promise<number> {
  if (options.out !== undefined) await checkWritable(options.out.file);
  const signal = signalOfUser();
  let prepared: PreparedSource;
  try {
    prepared = await prepareSource(options, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    say('Stopped. The same command again continues the upload.');
    return INTERRUPTED;
  }
  for (const { path, detail } of prepared.failed) say(`${path}: ${detail}`);
  const { topK, minPrecision, completeWithinSeconds, maxCostUsd, destination, notify } = options;
  const request = {
    source: prepared.source,
    ...{ topK, minPrecision, completeWithinSeconds, maxCostUsd, destination },
  };
  if (options.dryRun) {
    const estimate = await jobs.estimate(request, { signal });
    const { bytes = prepared.bytes } = estimate;
    process.stdout.write(`${estimateText({ ...estimate, bytes })}\n`);
    for (const sentence of estimate.basis) say(sentence);
    return 0;
  }
  const start = { request, notify, another: options.new, signal, nowMs: clock.unixMs() };
  const { job, isNew } = await startJob(jobs, prepared, start);
  say(
    isNew ? `Job ${job.id}` : `Job ${job.id}, started at ${job.createdAt} with the same arguments`,
  );
  const end = await follow(jobs, job, signal, clock);
  if (end === undefined) {
    say(`Stopped following; the job goes on. npm run job -- status|results|cancel ${job.id}`);
    return INTERRUPTED;
  }
  await report(jobs, end, options);
  return end.status === 'succeeded' && end.counts.failed + prepared.failed.length === 0 ? 0 : 1;
}

/** Shows the job until it is completed. Undefined: the user stopped it. */
async function follow(
  jobs: Jobs,
  job: Job,
  signal: AbortSignal,
  clock: Clock,
): Promise<Job | undefined> {
  if (isCompletedJob(job)) return job;
  using progress = openJobProgress(process.stderr, clock);
  let last: Job | undefined;
  try {
    const onRetry = (retry: Parameters<typeof retryLine>[0]) => progress.line(retryLine(retry));
    for await (last of jobs.follow(job.id, { signal, onRetry })) progress.show(last);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
  return last;
}

async function report(jobs: Jobs, job: Job, { out }: RunOptions): Promise<void> {
  say(endText(job));
  if (out !== undefined) {
    await saveFile(out.file, jobs.download(job.id, 'results', { format: out.format }));
    say(`Results: ${out.file}`);
  } else say(`Results: ${job.destination}, or npm run job -- results ${job.id} --out FILE.csv`);
  if (job.counts.failed > 0)
    say(`Why ${count(job.counts.failed)} failed: npm run job -- errors ${job.id}`);
}
