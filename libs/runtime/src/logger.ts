import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

/** JSON lines on standard output; readable lines where that is a terminal. */
export function createLogger(options: { app: string; level: string }): Logger {
  const settings = {
    level: options.level,
    base: { app: options.app },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
  };
  return process.stdout.isTTY
    ? pino(settings, pretty({ sync: true, ignore: 'app,pid,hostname' }))
    : pino(settings, pino.destination({ dest: 1, sync: true }));
}
