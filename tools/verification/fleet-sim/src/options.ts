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
    --threads N        number of threads (default: the number of cores); does not change results

  run                  run one policy on one workload, print the result as JSON
    --workload NAME    or --trace arrivals.csv: lines of "seconds" or "seconds,service seconds"
    --policy NAME
    --seed N           (default: 1)
    --world FILE       settings of the world that differ from the defaults, as JSON (docs/fleet-sim.md)
    --ticks FILE       write each tick's inputs and decision, as the scaler does with TICK_LOG; only for
                       the product's own policies

  replay FILE          decide recorded ticks again and print the decisions as JSON lines; exit code 0 when
                       each is byte for byte the recorded one

  compare FILE         predict a recorded run of the real product, print both (docs/fleet-sim.md)

  ablations            run variants of the policy deadline with one constant changed, print the table
    --workload, --seeds, --threads

  bench                measure the speed of the simulator for growing fleets and numbers of images

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
  threads: number | undefined;
}

export type Options =
  | { command: 'help' }
  | { command: 'bench' }
  | { command: 'replay'; path: string }
  | { command: 'compare'; path: string }
  | ({ command: 'table'; out: string | undefined } & Table)
  | ({ command: 'ablations' } & Table)
  | {
      command: 'run';
      work: { workload: string } | { trace: string };
      policy: string;
      seed: number;
      world: string | undefined;
      ticks: string | undefined;
    };

const OPTIONS_OF = {
  table: ['workload', 'policy', 'seeds', 'out', 'threads'],
  run: ['workload', 'trace', 'policy', 'seed', 'world', 'ticks'],
  replay: [],
  compare: [],
  ablations: ['workload', 'seeds', 'threads'],
  bench: [],
} as const;

/** Reads the command line. @throws StartError that names the argument at fault */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseKnown(args);
  if (values.help === true) return { command: 'help' };
  const [command = 'table', ...files] = positionals;
  if (!isCommand(command)) throw fault(`${command}: unknown command`);
  const ofFile = command === 'replay' || command === 'compare';
  const [path, ...more] = ofFile ? files : [undefined, ...files];
  if (more.length > 0) throw fault(`${more.join(' ')}: unexpected argument`);
  const allowed: readonly string[] = OPTIONS_OF[command];
  const foreign = Object.keys(values).find((name) => !allowed.includes(name));
  if (foreign !== undefined)
    throw fault(`--${foreign}: not an option of ${command === 'table' ? 'the table' : command}`);
  switch (command) {
    case 'bench':
      return { command };
    case 'replay':
    case 'compare':
      if (path === undefined) throw fault(`${command}: the file is missing`);
      return { command, path };
    case 'table': {
      const policies =
        values.policy === undefined
          ? names(POLICIES)
          : someOf('--policy', values.policy, names(ALL_POLICIES));
      const out = values.out === '-' ? undefined : (values.out ?? 'docs/scaling-report');
      return { command, out, ...tableOf(values, policies) };
    }
    case 'ablations':
      return { command, ...tableOf(values, ['deadline', ...names(ABLATIONS)]) };
    case 'run':
      return {
        command,
        work: workOf(values),
        policy: oneOf('--policy', values.policy, names(ALL_POLICIES)),
        seed: whole('--seed', values.seed ?? '1', 0),
        world: values.world,
        ticks: values.ticks,
      };
  }
}

function parseKnown(args: readonly string[]) {
  const text = { type: 'string' } as const;
  return parse({
    args: [...args],
    allowPositionals: true,
    options: {
      workload: text,
      trace: text,
      policy: text,
      seed: text,
      seeds: text,
      world: text,
      ticks: text,
      out: text,
      threads: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function tableOf(
  values: { workload?: string; seeds?: string; threads?: string },
  policies: readonly string[],
): Table {
  const { workload, seeds = '5', threads } = values;
  return {
    workloads: someOf('--workload', workload, names(WORKLOADS)),
    policies,
    seeds: whole('--seeds', seeds, 1),
    threads: threads === undefined ? undefined : whole('--threads', threads, 1),
  };
}

function workOf(values: { workload?: string; trace?: string }) {
  const { workload, trace } = values;
  if (trace === undefined) return { workload: oneOf('--workload', workload, names(WORKLOADS)) };
  if (workload !== undefined) throw fault('--workload and --trace cannot be combined');
  return { trace };
}

function someOf(option: string, text: string | undefined, known: readonly string[]) {
  if (text === undefined) return known;
  const wanted = text.split(',').map((name) => oneOf(option, name.trim(), known));
  return known.filter((name) => wanted.includes(name));
}

function oneOf(option: string, name: string | undefined, known: readonly string[]): string {
  if (name === undefined) throw fault(`${option}: missing`);
  if (!known.includes(name)) throw fault(`${option} ${name}: must be ${known.join(', ')}`);
  return name;
}

const isCommand = (name: string): name is keyof typeof OPTIONS_OF =>
  Object.hasOwn(OPTIONS_OF, name);
