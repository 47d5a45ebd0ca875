import { EXIT, StartError } from '@labelfleet/runtime';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The paths of the files and folders that a stack writes. */
export interface DataFolder {
  root: string;
  /** The dotenv file for AWS clients, which exists while the stack runs. */
  localEnv: string;
  starterFile: string;
  /** The folder of the logs of build, gateway, scaler and local cloud. */
  logs: string;
  log(name: string): string;
  /** The data folder of the local cloud. */
  cloud: string;
  workerLogs: string;
}

/** Creates the folder. @throws StartError if it cannot be written */
export async function openDataFolder(root: string): Promise<DataFolder> {
  const folder = {
    root,
    localEnv: join(root, 'local.env'),
    starterFile: join(root, 'starter.json'),
    logs: join(root, 'logs'),
    log: (name: string) => join(root, 'logs', `${name}.log`),
    cloud: join(root, 'cloud'),
    // The local cloud writes each instance's output there.
    workerLogs: join(root, 'cloud', 'logs'),
  };
  try {
    // Other users of this machine must not write there: the files decide which programs run.
    await mkdir(folder.logs, { recursive: true, mode: 0o700 });
    await chmod(root, 0o700); // an earlier version may have created it with other permissions
    const probe = join(root, `.probe-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new StartError(`LABELFLEET_DATA_DIR: ${String(error)}`, EXIT.cannotCreate, {
      cause: error,
    });
  }
  return folder;
}

/** Replaces a file atomically: a reader sees the old text or the new one. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}
