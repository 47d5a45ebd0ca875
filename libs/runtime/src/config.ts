import * as z from 'zod';

import { EXIT, StartError } from './start-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Lists every fault of a configuration, each with the name of its variable. */
export class ConfigError extends StartError {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The configuration cannot be used:\n  ${faults.join('\n  ')}`, EXIT.config);
    this.faults = faults;
  }
}

/**
 * Parses environment variables. A variable that is set to the empty string counts as unset.
 * @throws ConfigError naming every fault at once
 */
export function parseEnvironment<S extends z.ZodObject>(schema: S, env: Environment): z.output<S> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const variable = String(issue.path[0]);
      return set[variable] === undefined
        ? `${variable} is not set`
        : `${variable}=${set[variable]}: ${issue.message}`;
    }),
  );
}

/** A variable that holds a whole number. */
export const wholeNumber = (limits: { min: number; max?: number }) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(
      z
        .int()
        .min(limits.min)
        .max(limits.max ?? Number.MAX_SAFE_INTEGER),
    );

/** A variable that holds a number of seconds, fractions allowed. Its value is in milliseconds. */
export const secondsAsMs = (limits: { min: number; max?: number }) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number of seconds')
    .transform(Number)
    .pipe(
      z
        .number()
        .min(limits.min)
        .max(limits.max ?? Number.MAX_SAFE_INTEGER),
    )
    .transform((seconds) => seconds * 1000);

/** A variable that holds a number from 0 to 1. */
export const share = () =>
  z
    .string()
    .regex(/^(0|1|0?\.\d+|1\.0+)$/, 'must be a number from 0 to 1')
    .transform(Number);

/** A variable that this function parses; `wrong` says what is wrong with its text. */
export const readBy = <T>(read: (text: string) => { value: T } | { wrong: string }) =>
  z.string().transform((text, context) => {
    const outcome = read(text);
    if ('value' in outcome) return outcome.value;
    context.addIssue(outcome.wrong);
    return z.NEVER;
  });

/** A variable that holds `true` or `false`. */
export const flag = () => z.enum(['true', 'false']).transform((value) => value === 'true');

export const logLevel = () =>
  z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']);
