import { runCommand } from '@labelfleet/runtime';
import { explore, type Exploration } from './explore.ts';
import { fleetModel } from './fleet/fleet-model.ts';
import { jobModel } from './job/job-model.ts';
import { parseOptions, USAGE, type Exploring } from './options.ts';
import { requestModel } from './request/request-model.ts';

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options !== 'help')
    return options.explore.every((each) => exploreAndPrint(each, options.mostStates)) ? 0 : 1;
  print(USAGE);
  return 0;
});

function exploreAndPrint(exploring: Exploring, mostStates: number): boolean {
  const startedAt = performance.now();
  const { states, depth, complete, violation } = exploreOne(exploring, mostStates);
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

function exploreOne({ model, bounds }: Exploring, mostStates: number): Exploration {
  switch (model) {
    case 'request':
      return explore(requestModel(bounds), mostStates);
    case 'fleet':
      return explore(fleetModel(bounds), mostStates);
    case 'job':
      return explore(jobModel(bounds), mostStates);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
