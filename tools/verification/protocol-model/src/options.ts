import { commandLine } from '@labelfleet/runtime';
import { boundsOf } from './cases.ts';
import { FLEET_BOOTS, FLEET_CASES, FLEET_WIDE } from './fleet/cases.ts';
import { FLEET_RULES } from './fleet/rules.ts';
import { FLEET_FAULTS, type FleetBounds } from './fleet/state.ts';
import { JOB_CASES, JOB_WIDE } from './job/cases.ts';
import { JOB_RULES } from './job/rules.ts';
import { JOB_FAULTS, type JobBounds } from './job/state.ts';
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
const JOB_SIZES = { chunkImages: 1, deadly: -1, workers: 2, mostReceives: 8 };
/** The faults without --bounds. */
const REQUEST_USUAL = 'kills=1,lapses=1,deadlines=1';
const FLEET_USUAL = 'crashes=1,images=1';
const JOB_USUAL = 'kills=1';
/** The images of each page of a job. */
const JOB_PAGES = '1,1';

const INDENT = `\n${' '.repeat(23)}`;
const listed = (rules: Readonly<Record<string, string>>): string =>
  Object.entries(rules)
    .map(([name, text]) => `${name.padEnd(25)} ${text}`)
    .join(INDENT);
const numbers = (sizes: Readonly<Record<string, number>>): string =>
  Object.entries(sizes)
    .map(([name, number]) => `${name}=${number}`)
    .join(', ');

export const USAGE = `usage: npm run protocol-model -- [request|fleet|job] [options]

  --bounds NAME=N,...  numbers of processes and of faults
    request            ${numbers(REQUEST_SIZES)}
                       faults (${REQUEST_USUAL}): ${REQUEST_FAULTS.join(', ')}
    fleet              ${numbers(FLEET_SIZES)}
                       faults (${FLEET_USUAL}): ${FLEET_FAULTS.join(', ')}
    job                ${numbers(JOB_SIZES)}
                       faults (${JOB_USUAL}): ${JOB_FAULTS.join(', ')}
  --pages N,...        images of each page of the job (default: ${JOB_PAGES})
  --image KIND         image of the request: good (default), deadly or hanging
  --without RULE       leave one rule out:
    request            ${listed(REQUEST_RULES)}
    fleet              ${listed(FLEET_RULES)}
    job                ${listed(JOB_RULES)}
  --cases              explore the bounds of the cases of all rules, of one model or of all
  --long               the same with wider bounds, which takes many minutes
  --states N           stop after N states (default: 3000000)

Exit code: 0 when all states were explored without a violation, 1 otherwise.`;

const { fault, parse, whole } = commandLine(USAGE);

export type Exploring =
  | { model: 'request'; bounds: RequestBounds }
  | { model: 'fleet'; bounds: FleetBounds }
  | { model: 'job'; bounds: JobBounds };

export interface ModelOptions {
  explore: readonly Exploring[];
  mostStates: number;
}

const exploringAll = (
  request: readonly RequestBounds[],
  fleet: readonly FleetBounds[],
  job: readonly JobBounds[],
): Exploring[] => [
  ...request.map((bounds) => ({ model: 'request', bounds }) as const),
  ...fleet.map((bounds) => ({ model: 'fleet', bounds }) as const),
  ...job.map((bounds) => ({ model: 'job', bounds }) as const),
];
const CASES = exploringAll(
  boundsOf(REQUEST_CASES),
  [...boundsOf(FLEET_CASES), ...FLEET_BOOTS],
  boundsOf(JOB_CASES),
);
const WIDE = exploringAll(REQUEST_WIDE, FLEET_WIDE, JOB_WIDE);

/** Reads the command line. @throws StartError that names the argument at fault */
export function parseOptions(args: readonly string[]): ModelOptions | 'help' {
  const { values, positionals } = parseKnown(args);
  if (values.help) return 'help';
  const [model, ...more] = positionals;
  if (!isModel(model) || more.length > 0) throw fault(`the models are: ${MODELS.join(', ')}`);
  const mostStates = whole('--states', values.states ?? '3000000', 0);
  if (values.long || values.cases) {
    const explore = (values.long ? WIDE : CASES).filter(
      (each) => model === undefined || each.model === model,
    );
    return { explore, mostStates };
  }
  return { explore: [oneOf(model ?? 'request', values)], mostStates };
}

const MODELS = ['request', 'fleet', 'job'] as const;

const isModel = (name: string | undefined): name is Exploring['model'] | undefined =>
  name === undefined || MODELS.some((model) => model === name);

function oneOf(model: Exploring['model'], values: Values): Exploring {
  switch (model) {
    case 'request':
      return { model, bounds: requestBounds(values) };
    case 'fleet':
      return { model, bounds: fleetBounds(values) };
    case 'job':
      return { model, bounds: jobBounds(values) };
  }
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

function jobBounds({ without, bounds = JOB_USUAL, pages = JOB_PAGES }: Values): JobBounds {
  return {
    ...JOB_SIZES,
    ...parseNumbers(bounds, [...namesIn(JOB_SIZES), ...JOB_FAULTS]),
    ...parseRule(without, JOB_RULES, 'job'),
    pages: pages.split(',').map((images: string) => whole('--pages', images, 0)),
  };
}

function parseKnown(args: readonly string[]) {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const;
  return parse({
    args: [...args],
    allowPositionals: true,
    options: {
      bounds: text,
      image: text,
      pages: text,
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
