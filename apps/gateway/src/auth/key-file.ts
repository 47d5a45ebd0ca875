import { decodeApiKeys, type ApiKey } from '@labelfleet/contracts';
import { ConfigError, explain, isSystemError, type Logger } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { repeat } from '../replies/repeat.ts';
import { authenticate, type Authentication } from './authenticate.ts';

const CHECK_EVERY_MS = 1_000;

interface KeyFileDeps {
  path: string;
  log: Pick<Logger, 'info' | 'error'>;
  unixMs: () => number;
}

/**
 * The API keys of a file. The file is read every second, because a watch misses changes on network file systems and
 * behind symbolic links. While it is faulty, the last good keys stay in use.
 */
export class KeyFile {
  readonly #deps: KeyFileDeps;
  #keys: ReadonlyMap<string, ApiKey>;
  /** The file's text, or why it could not be read, at the last look. */
  #seen: string;
  #faults: readonly string[] = [];

  private constructor(deps: KeyFileDeps, seen: string, keys: ReadonlyMap<string, ApiKey>) {
    this.#deps = deps;
    this.#seen = seen;
    this.#keys = keys;
  }

  /** @throws ConfigError that names every fault of the file */
  static async open(deps: KeyFileDeps): Promise<KeyFile> {
    const file = await readText(deps.path);
    const read = decode(file, deps.unixMs());
    if (read.kind === 'keys') return new KeyFile(deps, file.seen, byId(read.keys));
    throw new ConfigError(read.faults.map((fault) => `API_KEYS_FILE=${deps.path}: ${fault}`));
  }

  authenticate(authorization: string | undefined): Authentication {
    return authenticate(authorization, this.#keys, this.#deps.unixMs());
  }

  /** Says why the file cannot be used; undefined while it can. */
  get warning(): string | undefined {
    return this.#faults.length === 0
      ? undefined
      : `API_KEYS_FILE cannot be used, so its last good keys stay valid: ${this.#faults.join('; ')}.`;
  }

  /** Looks at the file every second until the signal is aborted. */
  run(signal: AbortSignal): Promise<void> {
    return repeat(CHECK_EVERY_MS, signal, () => this.reload());
  }

  /** Uses the keys of a file that has changed, unless it has a fault. */
  async reload(): Promise<void> {
    const { path, log, unixMs } = this.#deps;
    const file = await readText(path);
    if (file.seen === this.#seen) return;
    this.#seen = file.seen;
    const read = decode(file, unixMs());
    if (read.kind === 'faulty') {
      this.#faults = read.faults;
      log.error({ event: 'api-keys.faulty', path, faults: read.faults }, 'API keys not reloaded');
      return;
    }
    this.#faults = [];
    this.#keys = byId(read.keys);
    log.info({ event: 'api-keys.reloaded', path, keys: read.keys.length }, 'API keys reloaded');
  }
}

interface FileText {
  seen: string;
  isReadable: boolean;
}

async function readText(path: string): Promise<FileText> {
  try {
    return { seen: await readFile(path, 'utf8'), isReadable: true };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { seen: `cannot be read: ${explain(error).replace(/\.$/, '')}`, isReadable: false };
  }
}

const decode = ({ seen, isReadable }: FileText, now: number): ReturnType<typeof decodeApiKeys> =>
  isReadable ? decodeApiKeys(seen, now) : { kind: 'faulty', faults: [seen] };

const byId = (keys: readonly ApiKey[]) => new Map(keys.map((key) => [key.id, key]));
