import { parseArgs, type ParseArgsConfig } from 'node:util';
import { EXIT, StartError } from './start-error.ts';

/** What a tool needs to read its command line. Whatever is wrong with one is a StartError that ends with the usage. */
export function commandLine(usage: string) {
  const fault = (what: string, cause?: unknown): StartError =>
    new StartError(`${what}\n\n${usage}`, EXIT.usage, { cause });

  /** Options and what stands between them. @throws StartError for one that is not known or lacks its value */
  const parse = <const T extends ParseArgsConfig>(config: T) => {
    try {
      return parseArgs(config);
    } catch (error) {
      throw fault(error instanceof Error ? error.message : String(error), error);
    }
  };

  /** @throws StartError where an option's value is no whole number from `least` on, of nine digits at most */
  const whole = (option: string, text: string, least: number): number => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= least) return value;
    throw fault(`${option} ${text}: must be a whole number from ${least}`);
  };

  return { fault, parse, whole };
}
