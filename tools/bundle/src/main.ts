import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './bundle.ts';

const [root] = process.argv.slice(2);
if (root === undefined) {
  process.stderr.write(
    'usage: node tools/bundle/src/main.ts apps/<app>   (run it in the root of the workspace)\n',
  );
  process.exit(64);
}
const out = await bundle(root);
for (const file of (await readdir(out)).filter((name) => name.endsWith('.js'))) {
  const { size } = await stat(join(out, file));
  process.stdout.write(`${join(out, file)}  ${(size / 1024).toFixed(0)} KiB\n`);
}
