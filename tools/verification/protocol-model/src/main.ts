import { StartError } from '@labelfleet/runtime';
import { boundsOf } from './bounds-of.ts';
import { explore } from './explore.ts';
import { FLEET_BOOTS, FLEET_CASES } from './fleet/cases.ts';
import { fleetModel } from './fleet/fleet-model.ts';
import { FLEET_WIDE } from './fleet/wide.ts';
import { parseOptions, USAGE, type Exploring } from './options.ts';
import { REQUEST_CASES } from './request/cases.ts';
import { requestModel } from './request/request-model.ts';
import { REQUEST_WIDE } from './request/wide.ts';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') print(USAGE);
  else {
    const { explore: what } = options;
    const all =
      'every' in what ? what.models.flatMap((model) => listOf(model, what.every)) : [what];
    const well = all.every((each) => exploreAndPrint(each, options.mostStates));
    process.exitCode = well ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

function listOf(model: Exploring['model'], every: 'case' | 'wide'): Exploring[] {
  if (model === 'request') {
    const bounds = every === 'wide' ? REQUEST_WIDE : boundsOf(REQUEST_CASES);
    return bounds.map((each) => ({ model, bounds: each }));
  }
  const bounds = every === 'wide' ? FLEET_WIDE : [...boundsOf(FLEET_CASES), ...FLEET_BOOTS];
  return bounds.map((each) => ({ model, bounds: each }));
}

function exploreAndPrint(exploring: Exploring, mostStates: number): boolean {
  const startedAt = performance.now();
  const { states, depth, complete, violation } =
    exploring.model === 'request'
      ? explore(requestModel(exploring.bounds), mostStates)
      : explore(fleetModel(exploring.bounds), mostStates);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  print(
    [
      `${exploring.model.padEnd(9)} ${JSON.stringify(exploring.bounds)}`,
      `states    ${states}`,
      `depth     ${depth}`,
      `seconds   ${seconds}`,
      `explored  ${complete ? 'completely' : 'in part'}`,
      `violation ${violation?.what ?? 'none'}`,
      ...(violation?.trace.map((label, index) => `${index + 1}. ${label}`) ?? []),
    ].join('\n'),
  );
  return complete && violation === undefined;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
