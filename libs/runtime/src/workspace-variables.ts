import { join } from 'node:path';
import * as z from 'zod';
import { parseEnvironment, type Environment } from './config.ts';

/** The variables that npm start and every command for the local fleet read. */
export const workspaceVariables = {
  LABELFLEET_DATA_DIR: z.string().default('.labelfleet'),
  MODEL_DIR: z.string().optional(),
};

export interface Workspace {
  /** MODEL_DIR. Undefined: the embedded model. */
  modelDir: string | undefined;
  /** Holds the models that were fetched or added, each in NAME/VERSION. */
  modelsDir: string;
  /** Written by npm start for the clients of its local cloud; exists while it runs. */
  localEnvFile: string;
}

/** Resolves the paths of the commands from the environment. Relative paths stay relative, since people read them. */
export function readWorkspace(env: Environment): Workspace {
  const set = parseEnvironment(z.object(workspaceVariables), env);
  return {
    modelDir: set.MODEL_DIR,
    modelsDir: join(set.LABELFLEET_DATA_DIR, 'models'),
    localEnvFile: join(set.LABELFLEET_DATA_DIR, 'local.env'),
  };
}
