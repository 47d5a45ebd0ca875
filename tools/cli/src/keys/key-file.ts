import { parseObjectAddress } from '@labelfleet/aws/store';
import { decodeApiKeys, encodeApiKeys, type ApiKey } from '@labelfleet/contracts';
import { EXIT, isSystemError, StartError, type Environment } from '@labelfleet/runtime';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { connectAws } from '../aws-command.ts';
import { changeStoredFile, readStoredFile } from '../stored-file.ts';

/** A file of API keys. Disposing of it closes its connections. */
export interface KeyFile extends Disposable {
  /** None if there is no such file yet. @throws StartError that names every fault of the file */
  read(): Promise<ApiKey[]>;
  /** @param edit may be called again, if somebody else changed the keys meanwhile */
  change(edit: (keys: ApiKey[]) => ApiKey[]): Promise<void>;
  /** How soon gateways use a change. */
  readonly usedWithin: string;
}

/**
 * @param file a path, or `s3://bucket/key`
 * @param now Unix milliseconds
 */
export function openKeyFile(file: string, env: Environment, now: number): KeyFile {
  const decode = (text: string | undefined) => decodeKeys(file, text, now);
  const object = parseObjectAddress(file);
  if (object === undefined) {
    const read = async () => decode(await ifExists(() => readFile(file, 'utf8')));
    return {
      read,
      change: async (edit) => writeKeys(file, edit(await read())),
      usedWithin: 'a second',
      [Symbol.dispose]: () => undefined,
    };
  }
  const aws = connectAws({ AWS_REGION: env['AWS_REGION'] ?? 'us-east-1' });
  const bucket = aws.s3.store(object.bucket);
  return {
    read: async () => decode((await readStoredFile(bucket, object.key))?.text),
    change: (edit) =>
      changeStoredFile(bucket, object.key, (text) => encodeApiKeys(edit(decode(text)))),
    usedWithin: '10 s',
    [Symbol.dispose]: () => aws[Symbol.dispose](),
  };
}

function decodeKeys(file: string, text: string | undefined, now: number): ApiKey[] {
  if (text === undefined) return [];
  const decoded = decodeApiKeys(text, now);
  if (decoded.kind === 'keys') return decoded.keys;
  throw new StartError(
    `${file} is no file of API keys, and was not changed:\n  ${decoded.faults.join('\n  ')}`,
    EXIT.config,
  );
}

/** Replaces the file atomically. Only its owner, who stays the same, may read it. */
async function writeKeys(path: string, keys: readonly ApiKey[]): Promise<void> {
  // The file behind a symbolic link is replaced, not the link.
  const target = (await ifExists(() => realpath(path))) ?? resolve(path);
  const existing = await ifExists(() => stat(target));
  const temporary = `${target}.${process.pid}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(encodeApiKeys(keys));
      if (existing !== undefined && existing.uid !== process.getuid?.())
        await file.chown(existing.uid, existing.gid);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function ifExists<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
