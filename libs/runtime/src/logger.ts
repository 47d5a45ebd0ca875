import { writeSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { LineOutput, type LogOutput } from './log-output.ts';

export type { Logger } from 'pino';

const STDOUT = 1;

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
);
process.once('exit', () => standardOutput.flush());

/** What became of the log lines of this process, which all go to its one standard output. */
export const logOutput: Pick<LogOutput, 'lostLines' | 'trouble'> = standardOutput;

/**
 * JSON lines on standard output; readable lines where that is a terminal. A line that cannot be written
 * changes nothing for who logs it: `logOutput` counts it.
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
