import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError, notServed } from '../api-error.ts';
import type { Ec2Faults } from '../faults/ec2-faults.ts';
import type { Guard } from '../iam/guards.ts';
import { readBody } from '../request-body.ts';
import { requestIdOf } from '../request-id.ts';
import type { Storage } from '../storage/storage.ts';
import { toXml } from '../xml.ts';
import type { Action, ActionContext } from './actions/action.ts';
import { instanceActions } from './actions/instances.ts';
import { launchTemplateActions } from './actions/launch-templates.ts';
import { placeActions } from './actions/places.ts';
import { runActions } from './actions/run-instances.ts';
import { tagActions } from './actions/tags.ts';
import { parseQuery } from '../query-protocol.ts';
import { sendEc2Error, sendEc2Xml } from './ec2-error.ts';

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ...runActions,
  ...instanceActions,
  ...tagActions,
  ...launchTemplateActions,
  ...placeActions,
]);

export const ec2Actions = [...ACTIONS.keys()].map((name) => `ec2:${name}`);

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

const MAX_BODY_BYTES = 1_048_576;

/** Answers EC2 calls. */
export function ec2Api(
  context: Omit<ActionContext, 'view'>,
  faults: Pick<Ec2Faults, 'none' | 'apply'>,
  storage: Pick<Storage, 'committed'>,
  guard?: Guard,
) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = await readBody(request, MAX_BODY_BYTES);
      const { action: name, parameters } = parseQuery(body.toString());
      const action = ACTIONS.get(name);
      if (action === undefined) throw notServed(`The EC2 action ${name}`);
      const denied = guard?.(request, name, parameters);
      if (denied !== undefined) throw denied;
      const view = faults.none
        ? context.instances
        : await faults.apply({ request, response, action: name, parameters });
      const content = action(parameters, { ...context, view });
      await storage.committed();
      const answer = { '@xmlns': NAMESPACE, requestId: requestIdOf(response), ...content };
      sendEc2Xml(response, 200, toXml(`${name}Response`, answer));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      sendEc2Error(response, error);
    }
  };
}
