import { commandLine } from '@labelfleet/runtime';
import { FLEET_RULES, type FleetRule } from './fleet/rules.ts';
import { FLEET_FAULTS, type FleetBounds } from './fleet/state.ts';
import { REQUEST_RULES, type RequestRule } from './request/rules.ts';
import { REQUEST_FAULTS, type RequestBounds } from './request/state.ts';

const listed = (rules: Readonly<Record<string, string>>): string =>
  Object.entries(rules)
    .map(([name, text]) => `${name.padEnd(25)} ${text}`)
    .join(`\n${' '.repeat(23)}`);

export const USAGE = `usage: npm run protocol-model -- [request|fleet] [options]

  --bounds NAME=N,...  numbers of processes and of faults
    request            gateways=1, workers=2, mostReceives=6; faults (kills=1,lapses=1,deadlines=1):
                       ${REQUEST_FAULTS.join(', ')}
    fleet              scalers=1, maxWorkers=1, firstImages=1, firstWorkers=0, minutesPass=0,
                       lateToNotice=0, releasesBoots=0, clockAheadMs=0; faults (crashes=1,images=1):
                       ${FLEET_FAULTS.join(', ')}
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
  explore: Exploring | { every: 'case' | 'wide'; models: readonly Exploring['model'][] };
  mostStates: number;
}

const SIZES = {
  request: ['gateways', 'workers', 'mostReceives'],
  fleet: [
    'scalers',
    'maxWorkers',
    'firstImages',
    'firstWorkers',
    'minutesPass',
    'lateToNotice',
    'releasesBoots',
    'clockAheadMs',
  ],
} as const;

/** Reads the command line. @throws StartError that names the argument at fault */
export function parseOptions(args: readonly string[]): ModelOptions | 'help' {
  const { values, positionals } = parseKnown(args);
  if (values.help === true) return 'help';
  const [model, ...more] = positionals;
  if ((model !== undefined && model !== 'request' && model !== 'fleet') || more.length > 0)
    throw fault('the models are: request, fleet');
  const mostStates = whole('--states', values.states ?? '3000000', 0);
  if (values.long === true || values.cases === true) {
    const models: Exploring['model'][] = model === undefined ? ['request', 'fleet'] : [model];
    return { explore: { every: values.long === true ? 'wide' : 'case', models }, mostStates };
  }
  const explore: Exploring =
    model === 'fleet'
      ? { model, bounds: fleetBounds(values) }
      : { model: 'request', bounds: requestBounds(values) };
  return { explore, mostStates };
}

type Values = ReturnType<typeof parseKnown>['values'];

function requestBounds(values: Values): RequestBounds {
  const { image = 'good', without, bounds = 'kills=1,lapses=1,deadlines=1' } = values;
  if (without !== undefined && !isRule(without, REQUEST_RULES))
    throw fault(`--without ${without}: not a rule of the request model`);
  if (image !== 'good' && image !== 'deadly' && image !== 'hanging')
    throw fault(`--image ${image}: must be good, deadly or hanging`);
  const { sizes, faults } = parseBounds(bounds, SIZES.request, REQUEST_FAULTS);
  return {
    ...{ gateways: 1, workers: 2, mostReceives: 6, ...sizes, faults, image },
    ...(without !== undefined && { without: without satisfies RequestRule }),
  };
}

function fleetBounds({ without, bounds = 'crashes=1,images=1' }: Values): FleetBounds {
  if (without !== undefined && !isRule(without, FLEET_RULES))
    throw fault(`--without ${without}: not a rule of the fleet model`);
  const { sizes, faults } = parseBounds(bounds, SIZES.fleet, FLEET_FAULTS);
  const { minutesPass = 0, lateToNotice = 0, releasesBoots = 0, scalers = 1, ...rest } = sizes;
  if (scalers !== 1 && scalers !== 2) throw fault(`scalers=${scalers}: must be 1 or 2`);
  return {
    ...{ maxWorkers: 1, firstImages: 1, ...rest, scalers, faults },
    ...{ minutesPass: minutesPass > 0, lateToNotice: lateToNotice > 0 },
    releasesBoots: releasesBoots > 0,
    ...(without !== undefined && { without: without satisfies FleetRule }),
  };
}

function parseKnown(args: readonly string[]) {
  const text = { type: 'string' } as const;
  return parse({
    args: [...args],
    allowPositionals: true,
    options: {
      bounds: text,
      image: text,
      without: text,
      states: text,
      cases: { type: 'boolean' },
      long: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function parseBounds<S extends string, F extends string>(
  text: string,
  sizeNames: readonly S[],
  faultNames: readonly F[],
) {
  const sizes: Partial<Record<S, number>> = {};
  const faults: Partial<Record<F, number>> = {};
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [name = '', number = ''] = part.split('=');
    const size = sizeNames.find((each) => each === name);
    const befalls = faultNames.find((each) => each === name);
    if (size !== undefined)
      sizes[size] = size === 'clockAheadMs' ? whicheverSign(name, number) : whole(name, number, 0);
    else if (befalls !== undefined) faults[befalls] = whole(name, number, 0);
    else throw fault(`--bounds ${part}: unknown bound`);
  }
  return { sizes, faults };
}

const whicheverSign = (name: string, text: string): number =>
  text.startsWith('-') ? -whole(name, text.slice(1), 0) : whole(name, text, 0);

const isRule = <R extends string>(name: string, rules: Readonly<Record<R, string>>): name is R =>
  Object.hasOwn(rules, name);
