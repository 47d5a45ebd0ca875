import { runCommand } from '@labelfleet/runtime';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runBench, type Run } from './bench.ts';
import { parseOptions, USAGE, type BenchOptions } from './options.ts';
import { profileProduct } from './profile.ts';
import { tableOf } from './table.ts';
import { prepareWorkload, type Workload } from './workloads.ts';

const WORKSPACE = join(import.meta.dirname, '../../../..');

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2), process.cwd());
  if (options === 'help') say(USAGE);
  else await run(options);
  return 0;
});

async function run(options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  say(
    Object.entries(machine)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  );
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const workloads: Workload[] = [];
    for (const name of options.workloads) workloads.push(await prepareWorkload(name, folder));
    const { profile } = options;
    const ending = profile === undefined ? '.json' : `-${profile}.cpuprofile`;
    const file =
      options.out ??
      join(WORKSPACE, '.labelfleet/bench', `${machine.time.replaceAll(':', '-')}${ending}`);
    await mkdir(dirname(file), { recursive: true });
    if (profile === undefined) {
      const runs = await runBench({ ...options, workloads }, progress);
      await writeFile(file, `${JSON.stringify({ machine, runs }, null, 2)}\n`);
      for (const group of grouped(runs)) say(['', ...tableOf(group)].join('\n'));
    } else {
      const { cpuProfile, lines } = await profileProduct(
        profile,
        options,
        workloads[0] as Workload,
      );
      await writeFile(file, cpuProfile);
      say(lines.join('\n'));
    }
    say(`\nWritten to ${file}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function describeMachine() {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: WORKSPACE, encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain') !== '';
  return {
    time: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    commit: `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`,
    loadBefore: loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
  };
}

/** The runs that are compared with each other. */
function grouped(runs: readonly Run[]): Run[][] {
  const key = ({ workload, workers, clients }: Run) => `${workload} ${workers} ${clients}`;
  return Object.values(Object.groupBy(runs, key)).filter((group) => group !== undefined);
}

function progress({ repeat, subject, workload, workers, clients, figures }: Run): void {
  const [cpu, rate] = [figures['cpuMs'], figures['imagesPerSecond']].map((figure) =>
    figure?.toFixed(1),
  );
  process.stderr.write(
    `${repeat}: ${workload}, ${workers} workers, ${clients} in flight, ${subject}: ${cpu} CPU ms an image, ${rate} images a second\n`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
