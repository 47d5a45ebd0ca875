import { runCommand } from '@labelfleet/runtime';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runBench, type Run } from './bench.ts';
import { runGrowth } from './growth/run-growth.ts';
import { parseOptions, USAGE, type BenchOptions } from './options.ts';
import { profileProduct, readSourceMaps, selfTimes } from './profile.ts';
import { tableOf } from './table.ts';
import { prepareWorkload, type Workload } from './workloads.ts';

const WORKSPACE = join(import.meta.dirname, '../../../..');
const say = (line: string) => process.stdout.write(`${line}\n`);

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2), process.cwd());
  if (options === 'help') {
    say(USAGE);
    return 0;
  }
  const machine = describeMachine();
  for (const [name, value] of Object.entries(machine)) say(`${name}: ${value}`);
  if (options.growth !== undefined) {
    await runGrowth(options.growth, options.seconds * 1000, say);
    return 0;
  }
  const ending = options.profile === undefined ? '.json' : `-${options.profile}.cpuprofile`;
  const name = `${machine.time.replaceAll(':', '-')}${ending}`;
  const file = options.out ?? join(WORKSPACE, '.labelfleet/bench', name);
  await mkdir(dirname(file), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const { result, lines } = await run(options, folder);
    const content = options.profile === undefined ? { machine, runs: result } : result;
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
    say([...lines, '', `Written to ${file}`].join('\n'));
  } finally {
    await rm(folder, { recursive: true });
  }
  return 0;
});

/** @param folder takes images and models that have to be made */
async function run(options: BenchOptions, folder: string) {
  const workloads: Workload[] = [];
  for (const name of options.workloads) workloads.push(await prepareWorkload(name, folder));
  const [first] = workloads;
  if (options.profile !== undefined && first !== undefined) {
    const result = await profileProduct(options.profile, options, first);
    return { result, lines: selfTimes(result, await readSourceMaps(result)) };
  }
  const result = await runBench(options, workloads, showProgress);
  /** The runs that are compared with each other. */
  const key = ({ workload, workers, clients }: Run) => `${workload} ${workers} ${clients}`;
  const groups = Object.values(Object.groupBy(result, key));
  return { result, lines: groups.flatMap((group = []) => ['', ...tableOf(group)]) };
}

function describeMachine() {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: WORKSPACE, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain') === '' ? '' : ' with changes';
  return {
    time: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    commit: `${git('rev-parse', '--short', 'HEAD')}${changed}`,
    loadBefore: loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
  };
}

function showProgress({ repeat, system, workload, workers, clients, figures }: Run): void {
  const { cpuMs = Number.NaN, imagesPerSecond = Number.NaN } = figures;
  process.stderr.write(
    `repeat ${repeat}, ${workload}, workers: ${workers}, in flight: ${clients}, ${system}: ` +
      `${cpuMs.toFixed(1)} CPU ms an image, ${imagesPerSecond.toFixed(1)} images a second\n`,
  );
}
