import { storeImages } from '@labelfleet/end-to-end/jobs/stored-images';
import { watchParts } from '@labelfleet/end-to-end/jobs/watch-parts';
import { buildApps } from '@labelfleet/local-stack/build';
import { stackProcesses } from '@labelfleet/local-stack/processes';
import { commandLine, runCommand } from '@labelfleet/runtime';
import { Random } from '@labelfleet/testkit/random';
import { sendSignal } from '@labelfleet/testkit/send-signal';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History } from '../history/history.ts';
import { keysFile, SHOP } from '../load/callers.ts';
import { Victims } from '../nemesis/victims.ts';
import { startStack } from '../stack/stack.ts';
import { watchStack } from '../watch/watch-stack.ts';
import { attack } from './attack.ts';
import { FREQUENT_STEPS, RARE_STEPS } from './job-steps.ts';
import { endOf, judge, leftovers } from './judge-jobs.ts';
import { withPoison } from './poisoned-images.ts';

const USAGE = `usage: npm run jobs:prove -- [options]

Runs jobs while workers, gateways, scalers and the local cloud are killed at every step and an image kills its workers.
Checks that every image has exactly one line, the right one, and that no part is stored twice.

  --images N       images of the large job (default: 20000)
  --seed N         seed of the times (default: 1)
  --bundles FOLDER use the apps built in FOLDER (default: build this tree)

Exit code: 0 when no rule was broken and every step was hit, 1 otherwise.`;

const { parse, whole } = commandLine(USAGE);

const WORKSPACE = join(import.meta.dirname, '../../../../..');
const WORKERS = 2;
/** Images of a job that is killed at a step that it has once. */
const FEW = 150;
const OF_POISON = 30;
const STOP_MS = 60_000;

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
    const findings = await prove({ count, seed, dataDir, bundles });
    say(findings.length === 0 ? 'PASSED: 0 lost, 0 double, 0 wrong.' : findings.join('\n'));
    return findings.length === 0 ? 0 : 1;
  } finally {
    for (const { pid } of await stackProcesses(dataDir)) sendSignal(pid, 'SIGKILL');
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

/** @returns what is wrong */
async function prove({ count, seed, dataDir, bundles }: Run): Promise<string[]> {
  const history = new History(join(dataDir, 'history.jsonl'));
  const keysPath = join(dataDir, 'keys.json');
  const webhooksPath = join(dataDir, 'webhooks.json');
  await writeFile(keysPath, keysFile(SHOP));
  await writeFile(webhooksPath, JSON.stringify({ receivers: [] }));
  const variables = { MIN_WORKERS: String(WORKERS) };
  const options = { bundles, dataDir, keysPath, webhooksPath, maxWorkers: WORKERS, variables };
  const stack = await startStack({ ...options, env: process.env }, history);
  const seen = watchStack(stack, history);
  const stopWatching = new AbortController();
  const watching = seen.watch(stopWatching.signal);

  const { input } = seen.stores;
  const many = await storeImages(input, 'uploads/many/', count);
  const few = await storeImages(input, 'uploads/few/', FEW);
  const poisoned = withPoison(await storeImages(input, 'uploads/poison/', OF_POISON));
  say(`${count + FEW + OF_POISON} images are stored.`);
  const parts = watchParts(stack.endpoint, stack.around.outputBucket);
  const random = new Random(seed, 'jobs');
  const victims = new Victims({ ...stack, fleet: seen.fleet, history, random });
  const { faults } = seen;
  const kills = new Map<string, number>();
  const { cloud } = stack;
  const deps = {
    ...{ faults, victims, cloud, random, kills, stack, seen, say },
    stop: stop.signal,
  };
  const { started, client, poisonKills } = await attack(deps, { many, few, poisoned });
  await victims.settle();
  await faults.clearAll();
  say('Every process runs again.');

  const findings: string[] = [];
  for (const { job, expected } of started) {
    const end = await endOf(client, job);
    findings.push(...(await judge(client, end, expected, stack.around.inputBucket)));
  }
  findings.push(...(await leftovers(stack, seen)));
  await parts[Symbol.asyncDispose]();
  findings.push(...parts.rewritten.map((key) => `The part ${key} was stored twice.`));
  for (const { name } of [...FREQUENT_STEPS, ...RARE_STEPS])
    if (!kills.has(name)) findings.push(`No process was killed ${name}.`);

  stopWatching.abort();
  await watching;
  seen.close();
  kills.set('at the poison image', poisonKills);
  for (const [name, times] of kills) say(`${String(times).padStart(4)} killed: ${name}`);
  say(`${started.length} jobs with ${parts.keys.size} parts`);
  for (const each of [...stack.gateways, ...stack.scalers, cloud]) await each.stop(STOP_MS);
  return findings;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
