import { StartError } from '@labelfleet/runtime';
import { explore } from './explore.ts';
import { parseOptions, USAGE } from './options.ts';
import { requestModel } from './request/request-model.ts';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
  } else {
    const startedAt = performance.now();
    const { states, depth, complete, violation } = explore(
      requestModel(options.bounds),
      options.mostStates,
    );
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(
      [
        `states    ${states}`,
        `depth     ${depth}`,
        `seconds   ${seconds}`,
        `explored  ${complete ? 'whole' : 'in part'}`,
        `violation ${violation?.what ?? 'none'}`,
        ...(violation?.trace.map((label, index) => `${index + 1}. ${label}`) ?? []),
        '',
      ].join('\n'),
    );
    process.exitCode = complete && violation === undefined ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
