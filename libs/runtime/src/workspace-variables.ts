import { join } from 'node:path';
import * as z from 'zod';
import { parseEnvironment, type Environment } from './config.ts';

/** The variables that every command for this machine reads, and npm start too. */
export const workspaceVariables = {
  LABELFLEET_DATA_DIR: z.string().default('.labelfleet'),
  MODEL_DIR: z.string().optional(),
};

export interface Workspace {
  /** MODEL_DIR; undefined is the embedded model. */
  modelDir: string | undefined;
  /** The models that were fetched or added: NAME/VERSION below it. */
  modelsDir: string;
  /** What npm start leaves for the clients of its local cloud; there while it runs. */
  localEnvFile: string;
}

/** Where the commands find things, by the environment. Relative paths are left so: they are shown to people. */
export function readWorkspace(env: Environment): Workspace {
  const set = parseEnvironment(z.object(workspaceVariables), env);
  return {
    modelDir: set.MODEL_DIR,
    modelsDir: join(set.LABELFLEET_DATA_DIR, 'models'),
    localEnvFile: join(set.LABELFLEET_DATA_DIR, 'local.env'),
  };
}
