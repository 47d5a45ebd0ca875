import { runCommand } from '@labelfleet/runtime';
import { openDisplay } from './display.ts';
import { loadgen } from './loadgen.ts';
import { parseOptions, USAGE } from './options.ts';

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { lines, allRight } = await loadgen(options, (total) => openDisplay(total, process));
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return allRight ? 0 : 1;
});
