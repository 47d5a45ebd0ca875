import { runCommand } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import { addKey, listKeys, revokeKey } from './keys/edit-keys.ts';
import { readKeys, writeKeys } from './keys/key-file.ts';
import { parseOptions, USAGE } from './keys/options.ts';

await runCommand(async () => {
  const now = Date.now();
  const options = parseOptions(process.argv.slice(2), process.env, now);
  if (options.command === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { file } = options;
  const keys = await readKeys(file, now);
  switch (options.command) {
    case 'list':
      process.stdout.write(listKeys(keys, now));
      break;
    case 'add': {
      const { caller, limits } = options;
      const added = addKey(keys, { caller, ...limits }, { now, randomBytes });
      await writeKeys(file, added.keys);
      process.stdout.write(`${added.bearer}\n`);
      process.stderr.write(
        `Give this key to ${caller} now: it is not stored and cannot be shown again. ` +
          `Gateways that read ${file} accept it within a second.\n`,
      );
      break;
    }
    case 'revoke':
      await writeKeys(file, revokeKey(keys, options.id));
      process.stderr.write(
        `${options.id} is revoked. Gateways that read ${file} refuse it within a second.\n`,
      );
  }
  return 0;
});
