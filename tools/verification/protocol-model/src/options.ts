import { commandLine } from '@labelfleet/runtime';
import { boundsOf } from './cases.ts';
import { FLEET_BOOTS, FLEET_CASES, FLEET_WIDE } from './fleet/cases.ts';
import { FLEET_RULES } from './fleet/rules.ts';
import { FLEET_FAULTS, type FleetBounds } from './fleet/state.ts';
import { REQUEST_CASES, REQUEST_WIDE } from './request/cases.ts';
import { REQUEST_RULES } from './request/rules.ts';
import { REQUEST_FAULTS, type RequestBounds } from './request/state.ts';

const REQUEST_SIZES = { gateways: 1, workers: 2, mostReceives: 6 };
const FLEET_SIZES = {
  scalers: 1,
  maxWorkers: 1,
  firstImages: 1,
  firstWorkers: 0,
  minutesPass: 0,
  lateToNotice: 0,
  releasesBoots: 0,
  clockAheadMs: 0,
};
/** The faults without --bounds. */
const REQUEST_USUAL = 'kills=1,lapses=1,deadlines=1';
const FLEET_USUAL = 'crashes=1,images=1';

const INDENT = `\n${' '.repeat(23)}`;
const listed = (rules: Readonly<Record<string, string>>): string =>
  Object.entries(rules)
    .map(([name, text]) => `${name.padEnd(25)} ${text}`)
    .join(INDENT);
const numbers = (sizes: Readonly<Record<string, number>>): string =>
  Object.entries(sizes)
    .map(([name, number]) => `${name}=${number}`)
    .join(', ');

export const USAGE = `usage: npm run protocol-model -- [request|fleet] [options]

  --bounds NAME=N,...  numbers of processes and of faults
    request            ${numbers(REQUEST_SIZES)}
                       faults (${REQUEST_USUAL}): ${REQUEST_FAULTS.join(', ')}
    fleet              ${numbers(FLEET_SIZES)}
                       faults (${FLEET_USUAL}): ${FLEET_FAULTS.join(', ')}
  --image KIND         image of the request: good (default), deadly or hanging
  --without RULE       leave one rule out:
    request            ${listed(REQUEST_RULES)}
    fleet              ${listed(FLEET_RULES)}
  --cases              explore the bounds of the cases of all rules, of one model or of both
  --long               the same with wider bounds, which takes many minutes
  --states N           stop after N states (default: 3000000)

Exit code: 0 when all states were explored without a violation, 1 otherwise.`;

const { fault, parse, whole } = commandLine(USAGE);

export type Exploring =
  { model: 'request'; bounds: RequestBounds } | { model: 'fleet'; bounds: FleetBounds };

export interface ModelOptions {
  explore: readonly Exploring[];
  mostStates: number;
}

const exploringAll = (
  request: readonly RequestBounds[],
  fleet: readonly FleetBounds[],
): Exploring[] => [
  ...request.map((bounds) => ({ model: 'request', bounds }) as const),
  ...fleet.map((bounds) => ({ model: 'fleet', bounds }) as const),
];
const CASES = exploringAll(boundsOf(REQUEST_CASES), [...boundsOf(FLEET_CASES), ...FLEET_BOOTS]);
const WIDE = exploringAll(REQUEST_WIDE, FLEET_WIDE);

/** Reads the command line. @throws StartError that names the argument at fault */
export function parseOptions(args: readonly string[]): ModelOptions | 'help' {
  const { values, positionals } = parseKnown(args);
  if (values.help) return 'help';
  const [model, ...more] = positionals;
  if ((model !== undefined && model !== 'request' && model !== 'fleet') || more.length > 0)
    throw fault('the models are: request, fleet');
  const mostStates = whole('--states', values.states ?? '3000000', 0);
  if (values.long || values.cases) {
    const explore = (values.long ? WIDE : CASES).filter(
      (each) => model === undefined || each.model === model,
    );
    return { explore, mostStates };
  }
  const one: Exploring =
    model === 'fleet'
      ? { model, bounds: fleetBounds(values) }
      : { model: 'request', bounds: requestBounds(values) };
  return { explore: [one], mostStates };
}

type Values = ReturnType<typeof parseKnown>['values'];

function requestBounds(values: Values): RequestBounds {
  const { image = 'good', without, bounds = REQUEST_USUAL } = values;
  if (image !== 'good' && image !== 'deadly' && image !== 'hanging')
    throw fault(`--image ${image}: must be good, deadly or hanging`);
  return {
    ...REQUEST_SIZES,
    ...parseNumbers(bounds, [...namesIn(REQUEST_SIZES), ...REQUEST_FAULTS]),
    ...parseRule(without, REQUEST_RULES, 'request'),
    image,
  };
}

function fleetBounds({ without, bounds = FLEET_USUAL }: Values): FleetBounds {
  const parsed = {
    ...FLEET_SIZES,
    ...parseNumbers(bounds, [...namesIn(FLEET_SIZES), ...FLEET_FAULTS]),
    ...parseRule(without, FLEET_RULES, 'fleet'),
  };
  const { scalers } = parsed;
  if (scalers !== 1 && scalers !== 2) throw fault(`scalers=${scalers}: must be 1 or 2`);
  return parsed;
}

function parseKnown(args: readonly string[]) {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const;
  return parse({
    args: [...args],
    allowPositionals: true,
    options: {
      bounds: text,
      image: text,
      without: text,
      states: text,
      cases: flag,
      long: flag,
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function parseNumbers<Name extends string>(text: string, names: readonly Name[]) {
  const parsed: Partial<Record<Name, number>> = {};
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [name = '', number = ''] = part.split('=');
    const known = names.find((each) => each === name);
    if (known === undefined) throw fault(`--bounds ${part}: unknown bound`);
    const isNegative = name === 'clockAheadMs' && number.startsWith('-');
    parsed[known] = isNegative ? -whole(name, number.slice(1), 0) : whole(name, number, 0);
  }
  return parsed;
}

function parseRule<Rule extends string>(
  name: string | undefined,
  rules: Readonly<Record<Rule, string>>,
  model: Exploring['model'],
): { without?: Rule } {
  if (name === undefined) return {};
  const without = namesIn(rules).find((each) => each === name);
  if (without === undefined) throw fault(`--without ${name}: not a rule of the ${model} model`);
  return { without };
}

const namesIn = <Name extends string>(record: Readonly<Record<Name, unknown>>) =>
  Object.keys(record) as Name[];
