import { commandLine } from '@labelfleet/runtime';
import { resolve } from 'node:path';

export const USAGE = `usage: npm run chaos -- [options]

  --requests N     how many images are offered, at a steady pace (default: 2000)
  --minutes N      in so many minutes (default: 10)
  --seed N         of what is done to the product and when (default: 1)
  --short          as --requests 210 --minutes 1
  --max-workers N  most instances at a time (default: 3)
  --bundles FOLDER run these builds of gateway, worker and scaler (default: build and run this tree's)
  --history FILE   where the history is kept (default: .labelfleet/chaos/<time>.jsonl)
  --check FILE     only check a history that was kept

Exit code: 0 when every promise was kept and enough was done to the product to tell, 1 otherwise.`;

const { fault, parse, whole } = commandLine(USAGE);

export interface ChaosOptions {
  kind: 'run';
  requests: number;
  minutes: number;
  seed: number;
  maxWorkers: number;
  /** Undefined: this tree's own are built. */
  bundles: string | undefined;
  /** Undefined: one is named by the time. */
  history: string | undefined;
}

export type Command = ChaosOptions | { kind: 'check'; file: string } | { kind: 'help' };

/**
 * Reads the command line.
 * @param cwd what relative paths start from
 * @throws StartError naming what is wrong
 */
export function parseOptions(args: readonly string[], cwd: string): Command {
  const given = parseKnown(args);
  if (given.help === true) return { kind: 'help' };
  if (given.check !== undefined) {
    const others = Object.keys(given).filter((name) => name !== 'check');
    if (others.length > 0) throw fault(`--check goes without --${others.join(', --')}`);
    return { kind: 'check', file: resolve(cwd, given.check) };
  }
  const short = given.short === true;
  const requests = whole('--requests', given.requests ?? (short ? '210' : '2000'), 1);
  const minutes = number('minutes', given.minutes ?? (short ? '1' : '10'));
  if (requests / minutes < 60 || requests / minutes > 600) {
    throw fault(
      `--requests ${requests} --minutes ${minutes}: must come to 1 to 10 requests a second`,
    );
  }
  return {
    kind: 'run',
    requests,
    minutes,
    seed: whole('--seed', given.seed ?? '1', 0),
    maxWorkers: whole('--max-workers', given['max-workers'] ?? '3', 1),
    bundles: given.bundles && resolve(cwd, given.bundles),
    history: given.history && resolve(cwd, given.history),
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
  throw fault(`--${name} ${value}: must be a number from 0.5`);
}
