import { commandLine } from '@labelfleet/runtime';

export const USAGE = `Shows the webhooks that failed, and replays those that were given up.

  npm run webhooks -- list
  npm run webhooks -- replay ID...
  npm run webhooks -- replay --all

Lists one webhook a line: waiting or dead, its receiver, its id, the failed tries, the time of the next try, and the
last error, separated by tabs. A replayed webhook is tried for a day again.

Reads WEBHOOK_QUEUE_URL, WEBHOOK_DEAD_LETTER_QUEUE_URL, STATE_BUCKET and the variables of the AWS SDK. If
WEBHOOK_QUEUE_URL is not set, reads all of them from local.env, which a running npm start writes in its data folder,
LABELFLEET_DATA_DIR (default: .labelfleet).

  --all         replay all webhooks of the dead-letter queue
  --help        print this text`;

const { fault, parse } = commandLine(USAGE);

export type Options = 'help' | { command: 'list' } | { command: 'replay'; ids: string[] | 'all' };

/** @throws StartError if the command line is wrong */
export function parseOptions(args: string[]): Options {
  const { values, positionals } = parse({
    args,
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const [command, ...ids] = positionals;
  if (command === 'list' && ids.length === 0 && !values.all) return { command };
  if (command !== 'replay') throw fault('Give list, or replay with the ids of webhooks or --all.');
  if (values.all === ids.length > 0) throw fault('Give the ids of webhooks to replay, or --all.');
  return { command, ids: values.all ? 'all' : ids };
}
