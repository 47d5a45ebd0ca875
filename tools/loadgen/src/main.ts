import { StartError } from '@labelfleet/runtime';
import { openDisplay } from './display.ts';
import { loadgen } from './loadgen.ts';
import { parseOptions, USAGE } from './options.ts';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
  } else {
    const { lines, allRight } = await loadgen(options, (total) => openDisplay(total, process));
    process.stdout.write(`\n${lines.join('\n')}\n`);
    process.exitCode = allRight ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
