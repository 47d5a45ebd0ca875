import { buildApps } from '@labelfleet/local-stack/build';
import { runCommand, StartError } from '@labelfleet/runtime';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate } from './evaluate.ts';
import { judge, type Evaluation } from './judge.ts';
import { parseOptions, USAGE, type ClassicOptions } from './options.ts';
import { makeReport, type Machine } from './report.ts';

const WORKSPACE = join(import.meta.dirname, '../../../..');

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => stop.abort(new StartError(`Stopped by ${name}`, 1)));

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2), process.cwd());
  if (options === 'help') {
    say(USAGE);
    return 0;
  }
  const machine = {
    time: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'an unknown processor',
    cores: cpus().length,
    loadBefore: loadavg()[0] ?? Number.NaN,
  };
  const out =
    options.out ?? join(WORKSPACE, '.labelfleet/classic', machine.time.replaceAll(':', '-'));
  await mkdir(out, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'classic-'));
  try {
    say('Building the apps …');
    await buildApps(WORKSPACE, join(folder, 'build.log'), process.env, stop.signal);
    const evaluation = await evaluate(options, folder, stop.signal, say);
    return await report(evaluation, options, machine, out);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function report(
  evaluation: Evaluation,
  options: ClassicOptions,
  machine: Machine,
  out: string,
): Promise<number> {
  const cases = judge(evaluation, options);
  const files = makeReport(cases, evaluation.rounds, options, machine);
  for (const [name, content] of files) await writeFile(join(out, name), content);
  say(`\n${files.get('README.md') ?? ''}\nThe report is ${join(out, 'README.md')}`);
  return cases.every(({ faults }) => faults.length === 0) ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
