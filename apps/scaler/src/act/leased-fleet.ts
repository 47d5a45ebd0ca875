import type { Fleet } from '@labelfleet/aws/fleet';
import { LeaseLapsed } from './call-failure.ts';

/** A fleet that makes calls only while this scaler leads, checked right before each call (F1). */
export function leasedFleet(
  fleet: Fleet,
  leads: () => boolean,
): Pick<Fleet, 'resolveLaunchTemplate' | 'launch' | 'tag' | 'terminate'> {
  const check = () => {
    if (!leads()) throw new LeaseLapsed();
  };
  return {
    resolveLaunchTemplate: (nameOrId) => fleet.resolveLaunchTemplate(nameOrId),
    async launch(request) {
      check();
      return fleet.launch(request);
    },
    async tag(instanceId, tags) {
      check();
      return fleet.tag(instanceId, tags);
    },
    async terminate(instanceId) {
      check();
      return fleet.terminate(instanceId);
    },
  };
}
