import { commandLine } from '@labelfleet/runtime';
import { resolve } from 'node:path';

export const USAGE = `usage: npm run chaos -- [options]

  --requests N     number of images to send, at a steady pace (default: 2000)
  --minutes N      duration of the load (default: 10)
  --seed N         seed of the faults and of their times (default: 1)
  --short          the same as --requests 210 --minutes 1
  --max-workers N  largest number of instances (default: 3)
  --bundles FOLDER use the gateway, worker and scaler built in FOLDER (default: build this tree)
  --history FILE   write the history to FILE (default: .labelfleet/chaos/<time>.jsonl)
  --check FILE     check the history of an earlier run, and run nothing

Exit code: 0 when no rule was broken, the expected alerts fired and no other, and the run reached all of its quotas;
1 otherwise. The alerts are checked where promtool is installed.`;

const { fault, parse, whole } = commandLine(USAGE);

export interface ChaosOptions {
  kind: 'run';
  requests: number;
  minutes: number;
  seed: number;
  maxWorkers: number;
  /** Undefined: the apps of this tree are built. */
  bundles: string | undefined;
  /** Undefined: the file is named by the time. */
  history: string | undefined;
}

export type Command = ChaosOptions | { kind: 'check'; file: string } | { kind: 'help' };

/**
 * Reads the command line.
 * @param cwd base of relative paths
 * @throws StartError that names the option at fault
 */
export function parseOptions(args: readonly string[], cwd: string): Command {
  const values = parseKnown(args);
  if (values.help === true) return { kind: 'help' };
  if (values.check !== undefined) {
    const others = Object.keys(values).filter((name) => name !== 'check');
    if (others.length > 0) throw fault(`--check cannot be combined with --${others.join(', --')}`);
    return { kind: 'check', file: resolve(cwd, values.check) };
  }
  const short = values.short === true;
  const requests = whole('--requests', values.requests ?? (short ? '210' : '2000'), 1);
  const minutes = number('minutes', values.minutes ?? (short ? '1' : '10'));
  if (requests / minutes < 60 || requests / minutes > 600) {
    throw fault(`--requests ${requests} --minutes ${minutes}: must give 1 to 10 requests a second`);
  }
  return {
    kind: 'run',
    requests,
    minutes,
    seed: whole('--seed', values.seed ?? '1', 0),
    maxWorkers: whole('--max-workers', values['max-workers'] ?? '3', 1),
    bundles: values.bundles && resolve(cwd, values.bundles),
    history: values.history && resolve(cwd, values.history),
  };
}

function parseKnown(args: readonly string[]) {
  const text = { type: 'string' } as const;
  return parse({
    args: [...args],
    options: {
      requests: text,
      minutes: text,
      seed: text,
      short: { type: 'boolean' },
      'max-workers': text,
      bundles: text,
      history: text,
      check: text,
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

function number(name: string, value: string): number {
  if (/^\d+(\.\d+)?$/.test(value) && Number(value) >= 0.5) return Number(value);
  throw fault(`--${name} ${value}: must be a number of at least 0.5`);
}
