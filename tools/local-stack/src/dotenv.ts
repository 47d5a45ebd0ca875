import { EXIT, StartError } from '@labelfleet/runtime';

/**
 * Dotenv lines that a shell, systemd and Node's `--env-file` read alike: plain where that is safe, else in
 * single quotes.
 * @throws StartError for a value that cannot be written so (a quote or a line break in it)
 */
export function dotenv(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(name, value)}\n`)
    .join('');
}

function quoted(name: string, value: string): string {
  if (/^[\w.:/@%+,=-]+$/.test(value)) return value;
  if (!/['\r\n]/.test(value)) return `'${value}'`;
  throw new StartError(`${name} must not hold a single quote or a line break`, EXIT.config);
}
