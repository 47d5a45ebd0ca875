import { CallError, ProblemError } from '@labelfleet/client';
import { createJobs, type Jobs } from '@labelfleet/client/jobs';
import { EXIT, readWorkspace, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { checkReachable } from '../check-reachable.ts';
import { explainCall } from '../explain-call.ts';
import { useLocalStack } from '../use-local-stack.ts';

/**
 * Connects to the service: at this URL, GATEWAY_URL, or the one that npm start runs here.
 * @throws StartError if nothing listens there
 */
export async function connectService(given: URL | undefined): Promise<Jobs> {
  if (given === undefined) await useLocalStack(process.env, 'GATEWAY_URL');
  else await useLocalStackOf(given);
  const url = given ?? new URL(process.env['GATEWAY_URL'] ?? '');
  await checkReachable(url);
  return createJobs({ url, apiKey: process.env['LABELFLEET_API_KEY'] || undefined });
}

/** If npm start runs this service here, its variables say where images are uploaded. */
async function useLocalStackOf(url: URL): Promise<void> {
  const { localEnvFile } = readWorkspace(process.env);
  const text = await readFile(localEnvFile, 'utf8').catch(() => '');
  const { GATEWAY_URL: local } = parseEnv(text);
  if (local !== undefined && new URL(local).origin === url.origin)
    await useLocalStack(process.env, 'INPUT_BUCKET');
}

/**
 * Makes a refusal of the service the end of the command.
 * @throws StartError instead of a CallError
 */
export async function orRefusal<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const code = error instanceof ProblemError && error.status < 500 ? 1 : EXIT.unavailable;
    throw new StartError(explainCall(error), code, { cause: error });
  }
}
