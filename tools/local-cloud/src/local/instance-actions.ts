import { ApiError } from '../api-error.ts';
import type { Instance } from '../ec2/instances/instance.ts';
import type { Instances } from '../ec2/instances/instances.ts';

/** EC2 sends the notice two minutes before the interruption. */
const SPOT_NOTICE_MS = 120_000;

/** @throws ApiError for an unknown action */
export function actOnInstance(instances: Instances, instance: Instance, action: string): void {
  switch (action) {
    case 'terminate':
      return instances.terminate(instance);
    case 'kill':
      return instances.kill(instance);
    case 'spot-notice':
      return instances.interrupt(instance, SPOT_NOTICE_MS);
    default:
      throw new ApiError(
        'NotFound',
        `There is no action ${action}. Use terminate, kill or spot-notice.`,
        404,
      );
  }
}
