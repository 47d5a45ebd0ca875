import { callerSchema } from '@labelfleet/contracts';
import { commandLine, type Environment } from '@labelfleet/runtime';
import type { Limits } from './edit-keys.ts';

export const USAGE = `Adds, lists and revokes the API keys of the callers of a gateway.

  npm run keys -- add CALLER [limits]
  npm run keys -- list
  npm run keys -- revoke ID

add     prints a new key for a caller, once: only its hash is stored. A caller may have two keys at a time
        --images-per-minute N    by each gateway
        --images-per-day N       a day is one of UTC
        --daily-budget-usd USD   by the list prices of the results
        --expires WHEN           2027-01-31 (its beginning, UTC), a time such as 2027-01-31T12:00:00Z, or 90d
list    prints id, caller, limits and expiry of each key
revoke  removes a key by its id
--file FILE  the file of the keys (default: API_KEYS_FILE), or s3://BUCKET/KEY
--help       prints this text

Gateways read the file again when it changes. Another file in its place needs no restart either.`;

const { fault, parse, whole } = commandLine(USAGE);

export type Options =
  | { command: 'help' }
  | { command: 'list'; file: string }
  | { command: 'add'; file: string; caller: string; limits: Limits }
  | { command: 'revoke'; file: string; id: string };

const LIMITS = ['images-per-minute', 'images-per-day', 'daily-budget-usd', 'expires'] as const;

/**
 * @param now Unix milliseconds
 * @throws StartError if the command line is wrong
 */
export function parseOptions(args: string[], env: Environment, now: number): Options {
  const { values, positionals } = parseKnown(args);
  const [command, given, ...more] = positionals;
  if (values.help === true || command === undefined) return { command: 'help' };
  if (command !== 'add' && command !== 'list' && command !== 'revoke')
    throw fault(`There is no command "${command}".`);
  const unused = LIMITS.find((name) => values[name] !== undefined);
  if (command !== 'add' && unused !== undefined)
    throw fault(`${command} has no option --${unused}. To change a limit, edit the file.`);
  const file = values.file ?? env['API_KEYS_FILE'] ?? '';
  if (file === '') throw fault('No file is given. Set API_KEYS_FILE, or give --file FILE.');
  if (command === 'list') {
    if (given !== undefined) throw fault(`list takes no argument, but got "${given}".`);
    return { command, file };
  }
  if (given === undefined || more.length > 0)
    throw fault(`${command}: give exactly one ${command === 'add' ? 'caller' : 'id'}.`);
  if (command === 'revoke') return { command, file, id: idOf(given) };
  if (!callerSchema.safeParse(given).success)
    throw fault(`"${given}" cannot be a caller. Use 1 to 64 letters, digits, - or _.`);
  return { command, file, caller: given, limits: limitsOf(values, now) };
}

/** The whole key works too, because it is what people have at hand. */
const idOf = (text: string): string => /^lf_([A-Za-z0-9]+)_/.exec(text)?.[1] ?? text;

function limitsOf(values: ReturnType<typeof parseKnown>['values'], now: number): Limits {
  const perMinute = values['images-per-minute'];
  const perDay = values['images-per-day'];
  const budget = values['daily-budget-usd'];
  const { expires } = values;
  return {
    ...(perMinute !== undefined && {
      imagesPerMinute: whole('--images-per-minute', perMinute, 1),
    }),
    ...(perDay !== undefined && { imagesPerDay: whole('--images-per-day', perDay, 1) }),
    ...(budget !== undefined && { dailyBudgetUsd: usdOf(budget) }),
    ...(expires !== undefined && { expiresAt: new Date(timeOf(expires, now)).toISOString() }),
  };
}

function usdOf(text: string): number {
  if (/^\d{1,9}(\.\d{1,6})?$/.test(text) && Number(text) > 0) return Number(text);
  throw fault(`--daily-budget-usd ${text}: must be an amount such as 2.50`);
}

const DAY_MS = 86_400_000;

function timeOf(text: string, now: number): number {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const isDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = days !== undefined ? now + Number(days) * DAY_MS : isDate ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw fault(`--expires ${text}: must be like 2027-01-31 or 90d`);
  if (time <= now) throw fault(`--expires ${text}: that time has passed`);
  return time;
}

function parseKnown(args: string[]) {
  const text = { type: 'string' } as const;
  return parse({
    args,
    allowPositionals: true,
    options: {
      'images-per-minute': text,
      'images-per-day': text,
      'daily-budget-usd': text,
      expires: text,
      file: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
}
