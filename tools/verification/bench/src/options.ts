import { commandLine } from '@labelfleet/runtime';
import { resolve } from 'node:path';
import { ROLES, type Role } from './processes.ts';
import { WORKLOADS, type WorkloadName } from './workloads.ts';

export const USAGE = `usage: npm run bench -- [options]

  --repeats N           how often everything is measured, in turns (default: 3)
  --seconds N           duration of one measurement (default: 10)
  --workload NAME,...   photos, pictures or resnet18 (default: all)
  --workers N,...       numbers of workers (default: 1,2)
  --clients N           how many HTTP clients there are (default: 16)
  --out FILE            write the figures to FILE as JSON (default: .labelfleet/bench/TIME.json)
  --peer NAME=COMMAND   measure another system too: COMMAND runs in a shell with PORT, WORKERS and MODEL_DIR,
                        serves POST / on 127.0.0.1 and ends on SIGTERM; may be repeated
  --profile PROCESS     profile one process of the product under the first load instead: gateway, worker,
                        classifier, scaler or local-cloud; --out is then the .cpuprofile file
  --growth PART         instead, how one part grows, as a table: gateway (more and more clients), scaler (20 to
                        2,000 workers), both against a stand-in for AWS, or workers (1 to 8, simulated)

Exit code: 0 unless an answer is wrong, whether or not the targets are met.`;

const { fault, parse, whole } = commandLine(USAGE);

export interface BenchOptions {
  repeats: number;
  seconds: number;
  workloads: WorkloadName[];
  workers: number[];
  clients: number;
  /** Undefined: a file that is named by the time. */
  out: string | undefined;
  peers: { name: string; command: string }[];
  profile: Role | undefined;
  growth: GrowthPart | undefined;
}

const GROWTH_PARTS = ['gateway', 'workers', 'scaler'] as const;
export type GrowthPart = (typeof GROWTH_PARTS)[number];

/** Parses the command line; returns `help` for --help. @throws StartError that names the fault */
export function parseOptions(args: readonly string[], cwd: string): BenchOptions | 'help' {
  const values = parseKnown(args);
  if (values.help === true) return 'help';
  const oneOf = <T extends string>(option: string, given: string, known: readonly T[]): T => {
    const found = known.find((name) => name === given);
    if (found === undefined) throw fault(`${option} ${given}: must be one of ${known.join(', ')}`);
    return found;
  };
  const profiled = ROLES.filter((role) => role !== 'other' && role !== 'local-stack');
  const workloads = values.workload?.split(',') ?? WORKLOADS;
  const workers = (values.workers ?? '1,2').split(',');
  return {
    repeats: whole('--repeats', values.repeats ?? '3', 1),
    seconds: whole('--seconds', values.seconds ?? '10', 1),
    workloads: workloads.map((name: string) => oneOf('--workload', name, WORKLOADS)),
    workers: workers.map((number: string) => whole('--workers', number, 1)),
    clients: whole('--clients', values.clients ?? '16', 1),
    out: values.out && resolve(cwd, values.out),
    peers: (values.peer ?? []).map((peer: string) => {
      const [, name, command] = /^([\w-]+)=(.+)$/s.exec(peer) ?? [];
      if (name === undefined || command === undefined || ['bare', 'product'].includes(name))
        throw fault(
          `--peer ${peer}: must be NAME=COMMAND, with a name other than bare and product`,
        );
      return { name, command };
    }),
    profile:
      values.profile === undefined ? undefined : oneOf('--profile', values.profile, profiled),
    growth:
      values.growth === undefined ? undefined : oneOf('--growth', values.growth, GROWTH_PARTS),
  };
}

function parseKnown(args: readonly string[]) {
  const text = { type: 'string' } as const;
  return parse({
    args: [...args],
    options: {
      repeats: text,
      seconds: text,
      workload: text,
      workers: text,
      clients: text,
      out: text,
      peer: { ...text, multiple: true },
      profile: text,
      growth: text,
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}
