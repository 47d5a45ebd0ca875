import { EXIT, StartError } from '@labelfleet/runtime';

/**
 * Formats variables as dotenv lines that a shell, systemd and Node's `--env-file` parse in the same way. A value is in
 * single quotes if it contains special characters.
 * @throws StartError for a value with a single quote or a line break, which cannot be written in this way
 */
export function dotenv(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(name, value)}\n`)
    .join('');
}

function quoted(name: string, value: string): string {
  if (/^[\w.:/@%+,=-]+$/.test(value)) return value;
  if (!/['\r\n]/.test(value)) return `'${value}'`;
  throw new StartError(`${name} must not contain a single quote or a line break`, EXIT.config);
}
