import { EXIT, StartError } from '@labelfleet/runtime';
import type { Stack } from '../aws/stacks.ts';
import { DATA_VARIABLES, outputName, type DataVariable } from '../variables.ts';

/** The tag of the fleet's instances; its value is the fleet's name. */
export const FLEET_TAG = 'labelfleet:fleet';
export const dataStack = (fleet: string): string => `${fleet}-data`;
export const runStack = (fleet: string): string => `${fleet}-run`;

/** The variables that name the data stack's resources. @throws StartError if the stack is not complete */
export function dataOf(stack: Stack | undefined): Record<DataVariable, string> {
  return Object.fromEntries(
    DATA_VARIABLES.map((variable) => {
      const value = stack?.outputs[outputName(variable)];
      if (value === undefined) throw notDeployed();
      return [variable, value];
    }),
  ) as Record<DataVariable, string>;
}

export function urlOf(stack: Stack | undefined): URL {
  const url = stack?.outputs['Url'];
  if (url === undefined) throw notDeployed();
  return new URL(url);
}

const notDeployed = () =>
  new StartError(
    'There is no such deployment in this account and region. Run npm run aws -- deploy, or give --fleet.',
    EXIT.unavailable,
  );
