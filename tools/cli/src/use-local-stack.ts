import { EXIT, explain, isSystemError, readWorkspace, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';

/**
 * If this variable is not set, loads the variables that a running `npm start` has written for clients of its local
 * cloud. They replace all variables that are set, because the credentials and endpoint of another cloud do not fit the
 * local queues.
 * @param env the process's variables; they are modified because the AWS SDK reads them
 */
export async function useLocalStack(env: NodeJS.ProcessEnv, variable: string): Promise<void> {
  if (env[variable]) return;
  const { localEnvFile } = readWorkspace(env);
  try {
    Object.assign(env, parseEnv(await readFile(localEnvFile, 'utf8')));
    // With AWS_PROFILE set, the SDK would ignore the credentials.
    delete env['AWS_PROFILE'];
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const why =
      error.code === 'ENOENT' ? 'Is npm start running with this data folder?' : explain(error);
    throw new StartError(
      `${variable} is not set, and ${localEnvFile} cannot be read. ${why}`,
      EXIT.config,
      { cause: error },
    );
  }
}
