import {
  ConfigError,
  explain,
  StartError,
  WatchedFile,
  type FileSource,
  type Logger,
} from '@labelfleet/runtime';
import { parseReceivers, type Receiver } from './parse-receivers.ts';

interface ReceiversDeps {
  /** WEBHOOKS_FILE. There are no receivers until there is such a file. */
  file: FileSource;
  allowLoopback: boolean;
  log: Pick<Logger, 'info' | 'error'>;
}

/**
 * Opens the receivers file and follows its changes.
 * @throws ConfigError if it cannot be used
 * @throws StartError if its bucket cannot be reached
 */
export async function openReceivers({
  file,
  allowLoopback,
  log,
}: ReceiversDeps): Promise<WatchedFile<ReadonlyMap<string, Receiver>>> {
  try {
    return await WatchedFile.open({
      file,
      parse: (text) => (text === undefined ? new Map() : parseReceivers(text, { allowLoopback })),
      onReload: ({ size }) =>
        log.info({ event: 'webhooks-file.reloaded', receivers: size }, 'webhooks file reloaded'),
      onFault: (fault) =>
        log.error(
          { event: 'webhooks-file.faulty', path: file.name, fault },
          'webhooks file faulty, the receivers stay as they were',
        ),
    });
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new ConfigError([`WEBHOOKS_FILE=${file.name}: ${explain(error)}`]);
  }
}
