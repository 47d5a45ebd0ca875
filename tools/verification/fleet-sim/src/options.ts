import { commandLine } from '@labelfleet/runtime';
import { ABLATIONS } from './policies/ablations.ts';
import { ALL_POLICIES, POLICIES } from './policies/index.ts';
import { WORKLOADS } from './workloads/index.ts';

const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

export const USAGE = `usage: npm run fleet-sim -- [command] [options]

  (no command)         run every workload with every policy, print the table, write the report
    --workload A,B     run only these workloads
    --policy A,B       run only these policies
    --seeds N          run each with seeds 1 to N (default: 5)
    --out FOLDER       folder of the report (default: docs/scaling-report); - writes no report

  run                  run one policy on one workload, print the result as JSON
    --workload NAME    or --trace arrivals.csv: lines of "seconds" or "seconds,service seconds"
    --policy NAME
    --seed N           (default: 1)
    --world FILE       settings of the world that differ from the defaults, as JSON (docs/fleet-sim.md)
    --ticks FILE       write each tick's inputs and decision, as the scaler does with TICK_LOG; only for
                       the product's own policies

  jobs                 run workloads with jobs, print the page, write it
    --seeds N          (default: 3)
    --out FOLDER       folder of the report (default: docs/scaling-report); - writes no page

  replay FILE          decide recorded ticks again and print the decisions as JSON lines; exit code 0 when
                       each is byte for byte the recorded one

  ablations            run variants of the policy deadline with one constant changed, print the table
    --workload, --seeds

  --help

workloads: ${names(WORKLOADS).join(', ')}
policies:  ${names(POLICIES).join(', ')}
           ${names(ABLATIONS).join(', ')}`;

const { fault, parse, whole } = commandLine(USAGE);

/** Runs of several workloads, policies and seeds. */
export interface Table {
  workloads: readonly string[];
  policies: readonly string[];
  seeds: number;
}

export interface RunOptions {
  command: 'run';
  work: { workload: string } | { trace: string };
  policy: string;
  seed: number;
  world: string | undefined;
  ticks: string | undefined;
}

export type Options =
  | { command: 'help' }
  | { command: 'replay'; path: string }
  | ({ command: 'table'; out: string | undefined } & Table)
  | ({ command: 'ablations' } & Table)
  | { command: 'jobs'; seeds: number; out: string | undefined }
  | RunOptions;

const TEXT = { type: 'string' } as const;

/** Reads the command line. @throws StartError that names the argument at fault */
export function parseOptions(args: readonly string[]): Options {
  if (args.some((arg) => arg === '--help' || arg === '-h')) return { command: 'help' };
  const [first = ''] = args;
  if (first === '' || first.startsWith('-')) return parseTable([...args]);
  const rest = args.slice(1);
  if (first === 'run') return parseRun(rest);
  if (first === 'jobs') {
    const { seeds = '3', out } = parse({ args: rest, options: { seeds: TEXT, out: TEXT } }).values;
    return { command: first, seeds: whole('--seeds', seeds, 1), out: folderOf(out) };
  }
  if (first === 'ablations') {
    const { values } = parse({ args: rest, options: { workload: TEXT, seeds: TEXT } });
    return { command: first, ...tableOf(values, ['deadline', ...names(ABLATIONS)]) };
  }
  if (first !== 'replay') throw fault(`${first}: unknown command`);
  const [path, ...more] = parse({ args: rest, allowPositionals: true }).positionals;
  if (path === undefined) throw fault('replay: the file is missing');
  if (more.length > 0) throw fault(`${more.join(' ')}: unexpected argument`);
  return { command: first, path };
}

function parseTable(args: string[]): Options {
  const options = { workload: TEXT, policy: TEXT, seeds: TEXT, out: TEXT };
  const { values } = parse({ args, options });
  const { policy, out } = values;
  const policies =
    policy === undefined ? names(POLICIES) : someOf('--policy', policy, names(ALL_POLICIES));
  return { command: 'table', out: folderOf(out), ...tableOf(values, policies) };
}

/** The folder of the report; undefined: none is written. */
const folderOf = (out = 'docs/scaling-report') => (out === '-' ? undefined : out);

function parseRun(args: string[]): Options {
  const { workload, trace, policy, seed, world, ticks } = parse({
    args,
    options: { workload: TEXT, trace: TEXT, policy: TEXT, seed: TEXT, world: TEXT, ticks: TEXT },
  }).values;
  if (trace !== undefined && workload !== undefined)
    throw fault('--workload and --trace cannot be combined');
  return {
    command: 'run',
    work:
      trace === undefined
        ? { workload: oneOf('--workload', workload, names(WORKLOADS)) }
        : { trace },
    policy: oneOf('--policy', policy, names(ALL_POLICIES)),
    seed: whole('--seed', seed ?? '1', 0),
    world,
    ticks,
  };
}

function tableOf(
  { workload, seeds = '5' }: { workload?: string; seeds?: string },
  policies: readonly string[],
): Table {
  const all = names(WORKLOADS);
  return {
    workloads: workload === undefined ? all : someOf('--workload', workload, all),
    policies,
    seeds: whole('--seeds', seeds, 1),
  };
}

function someOf(option: string, text: string, known: readonly string[]): readonly string[] {
  const wanted = text.split(',').map((name) => oneOf(option, name.trim(), known));
  return known.filter((name) => wanted.includes(name));
}

function oneOf(option: string, name: string | undefined, known: readonly string[]): string {
  if (name === undefined) throw fault(`${option}: missing`);
  if (!known.includes(name)) throw fault(`${option} ${name}: must be ${known.join(', ')}`);
  return name;
}
