import type { Environment } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import { addKey, listKeys, makeKey, revokeKey } from './edit-keys.ts';
import { openKeyFile } from './key-file.ts';
import { parseOptions, USAGE } from './options.ts';

/**
 * Runs the command `keys`.
 * @returns the exit code
 * @throws StartError that says what is wrong
 */
export async function runKeys(args: string[], env: Environment): Promise<number> {
  const now = Date.now();
  const options = parseOptions(args, env, now);
  if (options.command === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  using file = openKeyFile(options.file, env, now);
  const gateways = `Gateways that read ${options.file}`;
  switch (options.command) {
    case 'list':
      process.stdout.write(listKeys(await file.read(), now));
      break;
    case 'add': {
      const { caller, limits } = options;
      const { key, bearer } = makeKey({ caller, ...limits }, randomBytes);
      await file.change((keys) => addKey(keys, key, now));
      process.stdout.write(`${bearer}\n`);
      process.stderr.write(
        `Give this key to ${caller} now: it is not stored and cannot be shown again. ` +
          `${gateways} accept it within ${file.usedWithin}.\n`,
      );
      break;
    }
    case 'revoke':
      await file.change((keys) => revokeKey(keys, options.id));
      process.stderr.write(
        `${options.id} is revoked. ${gateways} refuse it within ${file.usedWithin}.\n`,
      );
  }
  return 0;
}
