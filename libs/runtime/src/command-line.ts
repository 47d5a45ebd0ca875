import { parseArgs, type ParseArgsConfig } from 'node:util';
import { EXIT, StartError } from './start-error.ts';

/** Parses the command line of a tool. Every error is a StartError that ends with the usage. */
export function commandLine(usage: string) {
  const fault = (what: string, cause?: unknown): StartError =>
    new StartError(`${what}\n\n${usage}`, EXIT.usage, { cause });

  /** @throws StartError for an option that is unknown or lacks its value */
  const parse = <const T extends ParseArgsConfig>(config: T) => {
    try {
      return parseArgs(config);
    } catch (error) {
      throw fault(error instanceof Error ? error.message : String(error), error);
    }
  };

  /** @throws StartError unless the option's value is a whole number, `least` or more, with nine digits or less */
  const whole = (option: string, text: string, least: number): number => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= least) return value;
    throw fault(`${option} ${text}: must be a whole number from ${least}`);
  };

  /** @throws StartError unless the option's value is an http:// or https:// URL */
  const httpUrl = (option: string, text: string): URL => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
    throw fault(`${option} ${text}: must be an http:// or https:// URL`);
  };

  return { fault, httpUrl, parse, whole };
}
