import { createJobs, type Job, type Jobs } from '@labelfleet/client/jobs';
import { connectSqs } from '@labelfleet/aws/queue';
import { all, judgeLines } from '@labelfleet/end-to-end/jobs/judge-lines';
import { storeImages, type StoredImages } from '@labelfleet/end-to-end/jobs/stored-images';
import { watchParts } from '@labelfleet/end-to-end/jobs/watch-parts';
import { LOCAL_CREDENTIALS } from '@labelfleet/local-stack/app-environments';
import { buildApps } from '@labelfleet/local-stack/build';
import { stackProcesses } from '@labelfleet/local-stack/processes';
import { commandLine, runCommand, sleep } from '@labelfleet/runtime';
import { Random } from '@labelfleet/testkit/random';
import { sendSignal } from '@labelfleet/testkit/send-signal';
import { until } from '@labelfleet/testkit/until';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History } from '../history/history.ts';
import { keysFile, SHOP } from '../load/callers.ts';
import { Victims } from '../nemesis/victims.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { watchStack, type Seen } from '../watch/watch-stack.ts';
import { killAt, killAtSteps, killCloud, killScalers, type AttackDeps } from './attack-jobs.ts';
import { FREQUENT_STEPS, RARE_STEPS } from './job-steps.ts';

const USAGE = `usage: npm run jobs:prove -- [options]

Runs jobs while workers, gateways, scalers and the local cloud are killed at every step, and checks that every image has
exactly one line, the right one, and that no part is stored twice.

  --images N       images of the large job (default: 20000)
  --seed N         seed of the times (default: 1)
  --bundles FOLDER use the apps built in FOLDER (default: build this tree)

Exit code: 0 when no rule was broken and every step was hit, 1 otherwise.`;

const { parse, whole } = commandLine(USAGE);

const WORKSPACE = join(import.meta.dirname, '../../../../..');
const WORKERS = 2;
/** Images of each job that is killed at a rare step. */
const SMALL = 150;
/** Chunks that wait for a redelivery, one after the other. */
const COMPLETED = { timeoutMs: 900_000 };
const EMPTY = { timeoutMs: 120_000 };

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

await runCommand(async () => {
  const { values } = parse({
    options: {
      images: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      bundles: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const seed = whole('--seed', values.seed, 0);
  const count = whole('--images', values.images, 1);
  const dataDir = await mkdtemp(join(tmpdir(), 'jobs-'));
  try {
    const bundles = values.bundles ?? (await build(dataDir));
    return await prove({ count, seed, dataDir, bundles });
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
});
process.exit();

async function build(dataDir: string): Promise<string> {
  say('Building the apps …');
  await buildApps(WORKSPACE, join(dataDir, 'build.log'), process.env, stop.signal);
  return join(WORKSPACE, 'dist/apps');
}

interface Run {
  count: number;
  seed: number;
  dataDir: string;
  bundles: string;
}

async function prove({ count, seed, dataDir, bundles }: Run): Promise<number> {
  await using running = new AsyncDisposableStack();
  running.defer(async () => {
    for (const { pid } of await stackProcesses(dataDir)) sendSignal(pid, 'SIGKILL');
  });
  const history = new History(join(dataDir, 'history.jsonl'));
  const keysPath = join(dataDir, 'keys.json');
  const webhooksPath = join(dataDir, 'webhooks.json');
  await writeFile(keysPath, keysFile(SHOP));
  await writeFile(webhooksPath, JSON.stringify({ receivers: [] }));
  const options = { bundles, dataDir, keysPath, webhooksPath, maxWorkers: WORKERS };
  const stack = await startStack({ ...options, env: process.env }, history);
  const seen = watchStack(stack, history);
  running.defer(() => seen.close());
  const stopWatching = new AbortController();
  const watching = seen.watch(stopWatching.signal);

  const images = await storeImages(seen.stores.input, 'uploads/many/', count);
  const few = await storeImages(seen.stores.input, 'uploads/few/', SMALL);
  say(`${count} and ${SMALL} images are stored`);
  const parts = watchParts(stack.endpoint, stack.around.outputBucket);
  const random = new Random(seed, 'jobs');
  const victims = new Victims({ ...stack, fleet: seen.fleet, history, random });
  const deps = { faults: seen.faults, victims, cloud: stack.cloud, random, kills: new Map() };

  const jobs = await attack(deps, { stack, images, few });
  await victims.settle();
  await seen.faults.clearAll();
  say('Every process runs again.');
  const findings: string[] = [];
  for (const { job, expected, client } of jobs) {
    const end = await endOf(client, job);
    findings.push(...(await judge(end, expected, client, stack.around.inputBucket)));
    say(`${end.id}: ${end.status}, ${JSON.stringify(end.counts)}`);
  }
  findings.push(...(await leftovers(stack, seen)));
  await parts[Symbol.asyncDispose]();
  findings.push(...parts.rewritten.map((key) => `The part ${key} was stored twice.`));
  stopWatching.abort();
  await watching;
  for (const { name } of [...FREQUENT_STEPS, ...RARE_STEPS])
    if (!deps.kills.has(name)) findings.push(`No process was killed ${name}.`);

  for (const [name, kills] of deps.kills) say(`${String(kills).padStart(4)} killed: ${name}`);
  say(`${parts.keys.size} parts of ${jobs.length} jobs`);
  say(findings.length === 0 ? 'PASSED: 0 lost, 0 double, 0 wrong.' : findings.join('\n'));
  for (const each of [...stack.gateways, ...stack.scalers, stack.cloud]) await each.stop(60_000);
  return findings.length === 0 ? 0 : 1;
}

interface Started {
  job: Job;
  expected: StoredImages;
  client: Jobs;
}

/** Starts a large job, and small ones for the steps of which a job has one each, and kills processes meanwhile. */
async function attack(
  deps: AttackDeps,
  { stack, images, few }: { stack: Stack; images: StoredImages; few: StoredImages },
): Promise<Started[]> {
  const url = stack.urls.values().next().value ?? '';
  const client = createJobs({ url, apiKey: SHOP.headers.authorization.slice('Bearer '.length) });
  const bucket = stack.around.inputBucket;
  const create = async (expected: StoredImages): Promise<Started> => {
    const job = await client.create({ source: { prefix: `s3://${bucket}/${expected.prefix}` } });
    return { job, expected, client };
  };
  const started = [await create(images)];
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, stop.signal]);
  const lanes = [
    killAtSteps(FREQUENT_STEPS, deps, signal),
    killScalers(deps, signal),
    killCloud(deps, signal),
  ];
  for (const step of RARE_STEPS) {
    while (!deps.kills.has(step.name) && !signal.aborted) {
      const killing = killAt(step, deps, signal);
      started.push(await create(few));
      if (await killing) say(`killed ${step.name}`);
    }
  }
  const isOver = async () =>
    stop.signal.aborted ||
    (FREQUENT_STEPS.every(({ name }) => deps.kills.has(name)) &&
      (await client.read(started[0]?.job.id ?? '')).status === 'succeeded');
  const progress = setInterval(() => {
    say([...deps.kills].map(([name, kills]) => `${name} ${kills}`).join('; '));
  }, 30_000);
  for (let large = 1; !(await isOver());) {
    await sleep(1_000, signal);
    const last = await client.read(started.at(-1)?.job.id ?? '');
    if (last.completedAt === undefined || large > 3) continue;
    started.push(await create(images));
    large += 1;
  }
  clearInterval(progress);
  over.abort();
  await Promise.all(lanes);
  return started;
}

async function endOf(client: Jobs, { id }: Job): Promise<Job> {
  let job = await client.read(id);
  await until(
    `job ${id} is completed`,
    async () => {
      job = await client.read(id);
      return job.completedAt !== undefined;
    },
    COMPLETED,
  );
  return job;
}

async function judge(
  job: Job,
  expected: StoredImages,
  client: Jobs,
  bucket: string,
): Promise<string[]> {
  const lines = await all(client.results(job.id));
  const { lost, double, foreign, wrong } = judgeLines(lines, bucket, expected);
  const name = (what: string, found: readonly unknown[]) =>
    found.length === 0
      ? []
      : [`${job.id}: ${found.length} ${what}: ${JSON.stringify(found.slice(0, 3))}`];
  const { listed, succeeded, failed, skipped } = job.counts;
  const isCounted =
    listed === expected.expected.size && succeeded + failed === listed && skipped === 0;
  return [
    ...(job.status === 'succeeded' && isCounted ? [] : [`${job.id}: ${JSON.stringify(job)}`]),
    ...name('lost', lost),
    ...name('double', double),
    ...name('of other images', foreign),
    ...name('wrong', wrong),
  ];
}

/** Messages and markers that should be gone when all jobs are completed. */
async function leftovers(stack: Stack, { stores }: Seen): Promise<string[]> {
  const { region, batchQueueUrl, batchDeadLetterQueueUrl } = stack.around;
  const sqs = connectSqs({ region, endpoint: stack.endpoint, credentials: LOCAL_CREDENTIALS });
  const isEmpty = async (url: string) => {
    const { visible, inFlight, delayed } = await sqs.queue(url).depth();
    return visible + inFlight + delayed === 0;
  };
  const found: string[] = [];
  for (const url of [batchQueueUrl, batchDeadLetterQueueUrl])
    await until(`${url} is empty`, () => isEmpty(url), EMPTY).catch((error: unknown) =>
      found.push(String(error)),
    );
  const active = async () => (await stores.state.list('jobs/active/', 10)).length === 0;
  await until('no job is active', active, EMPTY).catch((error: unknown) =>
    found.push(String(error)),
  );
  sqs.close();
  return found;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
