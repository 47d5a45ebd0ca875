import { decodeApiKeys, type ApiKey } from '@labelfleet/contracts';
import {
  ConfigError,
  explain,
  isSystemError,
  systemClock,
  WatchedFile,
  type FileSource,
  type Logger,
} from '@labelfleet/runtime';
import { authenticate, type Authentication } from './authenticate.ts';

interface KeyFileDeps {
  file: FileSource;
  /** True: callers are anonymous until there is such a file. */
  allowAnonymous: boolean;
  log: Pick<Logger, 'info' | 'error'>;
  unixMs: () => number;
}

/** The API keys of a file. A change is used when it is read; while the file is faulty, its last good keys are. */
export class KeyFile {
  readonly #file: WatchedFile<ReadonlyMap<string, ApiKey> | undefined>;
  readonly #unixMs: () => number;

  private constructor(
    file: WatchedFile<ReadonlyMap<string, ApiKey> | undefined>,
    unixMs: () => number,
  ) {
    this.#file = file;
    this.#unixMs = unixMs;
  }

  /**
   * @throws ConfigError that names every fault of the file
   * @throws StartError if its bucket cannot be reached
   */
  static async open({ file: source, allowAnonymous, log, unixMs }: KeyFileDeps): Promise<KeyFile> {
    const { name: path } = source;
    try {
      const file = await WatchedFile.open({
        file: source,
        parse: (text) => {
          if (text !== undefined) return parseKeys(text, unixMs());
          if (allowAnonymous) return undefined;
          throw new FaultyKeys([
            'there is no such object. Add a key: npm run keys -- add CALLER --file s3://…',
          ]);
        },
        onReload: (keys) =>
          log.info({ event: 'api-keys.reloaded', path, keys: keys?.size }, 'API keys reloaded'),
        onFault: (fault) =>
          log.error({ event: 'api-keys.faulty', path, fault }, 'API keys not reloaded'),
      });
      return new KeyFile(file, unixMs);
    } catch (error) {
      const named = (fault: string) => `API_KEYS_FILE=${path}: ${fault}`;
      if (error instanceof FaultyKeys) throw new ConfigError(error.faults.map(named));
      if (!isSystemError(error)) throw error;
      throw new ConfigError([named(`cannot be read: ${explain(error)}`)]);
    }
  }

  /** False while callers are anonymous, because there is no file yet. */
  get required(): boolean {
    return this.#file.value !== undefined;
  }

  authenticate(authorization: string | undefined): Authentication {
    return authenticate(authorization, this.#file.value ?? new Map(), this.#unixMs());
  }

  /** Says why the file cannot be used; undefined while it can. */
  get warning(): string | undefined {
    const { fault } = this.#file;
    return fault && `API_KEYS_FILE cannot be used, so its last good keys stay valid: ${fault}`;
  }

  /** Looks at the file again and again until the signal is aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.#file.run(systemClock, signal);
  }

  /** Uses the keys of a file that has changed, unless it has a fault. */
  reload(): Promise<void> {
    return this.#file.reload();
  }
}

class FaultyKeys extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`${faults.join('; ')}.`);
    this.faults = faults;
  }
}

/** The keys by id. @throws FaultyKeys */
function parseKeys(text: string, now: number): ReadonlyMap<string, ApiKey> {
  const decoded = decodeApiKeys(text, now);
  if (decoded.kind === 'faulty') throw new FaultyKeys(decoded.faults);
  return new Map(decoded.keys.map((key) => [key.id, key]));
}
