import { expect, it } from 'vitest';
import { readWorkspace } from './workspace-variables.ts';

it.each([
  [
    {},
    {
      modelDir: undefined,
      modelsDir: '.labelfleet/models',
      localEnvFile: '.labelfleet/local.env',
    },
  ],
  [
    { MODEL_DIR: 'm/1', LABELFLEET_DATA_DIR: '/srv/fleet' },
    { modelDir: 'm/1', modelsDir: '/srv/fleet/models', localEnvFile: '/srv/fleet/local.env' },
  ],
  [
    { MODEL_DIR: '', LABELFLEET_DATA_DIR: '' },
    {
      modelDir: undefined,
      modelsDir: '.labelfleet/models',
      localEnvFile: '.labelfleet/local.env',
    },
  ],
])('%j sets the paths of the commands', (env, workspace) => {
  expect(readWorkspace(env)).toEqual(workspace);
});
