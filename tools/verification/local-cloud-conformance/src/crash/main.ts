import { keepLoopbackDirect } from '@labelfleet/runtime';
import { parseArgs } from 'node:util';

import { crashTest } from './crash-test.ts';
import { History, Violation } from './history.ts';
import { seededRandom } from '@labelfleet/testkit/random';

keepLoopbackDirect(process.env);

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
  process.stderr.write('usage: crash [--kills 200] [--seed 1]\n');
  process.exit(64);
}

const history = new History();
process.stdout.write(`seed ${seed}, ${kills} kills\n`);
try {
  const startedAtMs = performance.now();
  const figures = await crashTest({ kills, random: seededRandom(seed), history });
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.stdout.write(`${kills} kills in ${seconds} s: everything acknowledged was kept\n`);
} catch (error) {
  process.exitCode = 1;
  if (error instanceof Violation) {
    process.stdout.write(`VIOLATION with seed ${seed}: ${error.message}\n`);
    for (const line of history.of(error.subject)) process.stdout.write(`  ${line}\n`);
  } else {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
