import { writeSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { LineOutput, type LogOutput } from './log-output.ts';

export type { Logger } from 'pino';

const STDOUT = 1;

/**
 * Lines are written together, because each write wakes its reader: with two lines a request, single writes cost a
 * gateway a sixth of its CPU. They are flushed when the process ends, and only a SIGKILL loses those of this time.
 */
const WRITE_DELAY_MS = 50;

const readable = process.stdout.isTTY
  ? pretty.prettyFactory({ ignore: 'app,pid,hostname' })
  : undefined;
const format = (line: string): string => readable?.(line) ?? line;

const standardOutput = new LineOutput(
  (bytes) => writeSync(STDOUT, bytes),
  (lines) => {
    const event = { level: 'warn', time: new Date().toISOString(), event: 'log.lines-lost', lines };
    return format(`${JSON.stringify({ ...event, msg: `lost ${lines} log lines` })}\n`);
  },
  process.stdout.isTTY ? 0 : WRITE_DELAY_MS,
);
process.once('exit', () => standardOutput.flush());

/** The lost lines and the last error code of standard output, to which all loggers of this process write. */
export const logOutput: Pick<LogOutput, 'lostLines' | 'trouble'> = standardOutput;

/**
 * Writes JSON lines to standard output, or readable lines if it is a terminal. A line that cannot be written
 * does not affect the caller: `logOutput` counts it.
 */
export function createLogger(options: { app: string; level: string }): Logger {
  return pino(
    {
      level: options.level,
      base: { app: options.app },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    { write: (line) => standardOutput.write(format(line)) },
  );
}
