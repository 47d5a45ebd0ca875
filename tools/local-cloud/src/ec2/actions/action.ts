import * as z from 'zod';

import { parseInput } from '../../parse-input.ts';
import type { Images } from '../../config.ts';
import type { InstanceView } from '../instances/instance-view.ts';
import type { Instances } from '../instances/instances.ts';
import type { LaunchTemplates } from '../launches/launch-templates.ts';
import type { Launches } from '../launches/launches.ts';

export interface ActionContext {
  readonly region: string;
  /** Whether a launch needs no subnet, as in an account with a default VPC. */
  readonly defaultSubnets: boolean;
  readonly images: Images;
  readonly instances: Instances;
  /** Instances as this call sees them. */
  readonly view: InstanceView;
  readonly launches: Launches;
  readonly templates: LaunchTemplates;
}

/** Takes the parameters and returns the content of the response. */
export type Action = (parameters: unknown, context: ActionContext) => object;

/** Defines an action that checks its parameters and refuses those that the shape does not name. */
export function action<S extends z.ZodRawShape>(
  name: string,
  shape: S,
  run: (parameters: z.output<z.ZodObject<S, z.core.$strict>>, context: ActionContext) => object,
): [string, Action] {
  const schema = z.strictObject(shape);
  return [name, (parameters, context) => run(parseInput(name, schema, parameters), context)];
}
