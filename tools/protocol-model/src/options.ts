import { EXIT, StartError } from '@labelfleet/runtime';
import { parseArgs } from 'node:util';
import { REQUEST_RULES, type RequestRule } from './request/rules.ts';
import { REQUEST_FAULTS, type RequestBounds, type RequestFault } from './request/state.ts';

export const USAGE = `usage: npm run protocol-model -- [request] [options]

  --bounds NAME=N,...  how much may happen (default: kills=1,lapses=1,deadlines=1); besides faults:
                       gateways (1), workers (2), mostReceives (6)
                       faults: ${REQUEST_FAULTS.join(', ')}
  --image KIND         good (default), deadly or hanging
  --without RULE       leaves one rule out: ${Object.keys(REQUEST_RULES).join(', ')}
  --states N           gives up after so many states (default: 3000000)

Exit code: 0 when every state was seen and nothing breaks.`;

export interface ModelOptions {
  bounds: RequestBounds;
  mostStates: number;
}

const SIZES = ['gateways', 'workers', 'mostReceives'] as const;

/** Reads the command line; `help` where that is asked for. @throws StartError naming what is wrong */
export function parseOptions(args: readonly string[]): ModelOptions | 'help' {
  const { values, positionals } = parseKnown(args);
  if (values.help === true) return 'help';
  if (positionals.some((name) => name !== 'request')) throw usageError('the model is: request');
  const without = values.without;
  if (without !== undefined && !isRule(without)) throw usageError(`--without ${without}: no rule`);
  const image = values.image ?? 'good';
  if (image !== 'good' && image !== 'deadly' && image !== 'hanging') {
    throw usageError(`--image ${image}: must be good, deadly or hanging`);
  }
  return {
    bounds: {
      gateways: 1,
      workers: 2,
      mostReceives: 6,
      ...parseBounds(values.bounds ?? 'kills=1,lapses=1,deadlines=1'),
      image,
      ...(without !== undefined && { without }),
    },
    mostStates: count('--states', values.states ?? '3000000'),
  };
}

function parseKnown(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        bounds: text,
        image: text,
        without: text,
        states: text,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

function parseBounds(text: string) {
  const sizes: Partial<Record<(typeof SIZES)[number], number>> = {};
  const faults: Partial<Record<RequestFault, number>> = {};
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [name = '', number = ''] = part.split('=');
    const size = SIZES.find((each) => each === name);
    const fault = REQUEST_FAULTS.find((each) => each === name);
    if (size !== undefined) sizes[size] = count(name, number);
    else if (fault !== undefined) faults[fault] = count(name, number);
    else throw usageError(`--bounds ${part}: no such bound`);
  }
  return { ...sizes, faults };
}

function count(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw usageError(`${name} ${text}: must be a whole number`);
  return Number(text);
}

const isRule = (name: string): name is RequestRule => Object.hasOwn(REQUEST_RULES, name);

const usageError = (fault: string) => new StartError(`${fault}\n\n${USAGE}`, EXIT.usage);
