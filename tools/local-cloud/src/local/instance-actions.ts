import { ApiError } from '../api-error.ts';
import type { Instance } from '../ec2/instances/instance.ts';
import type { Instances } from '../ec2/instances/instances.ts';

/** As on EC2. */
const SPOT_NOTICE_MS = 120_000;

/** @throws ApiError for an unknown action */
export function actOnInstance(instances: Instances, instance: Instance, action: string): void {
  switch (action) {
    case 'terminate':
      return instances.terminate(instance);
    case 'kill':
      return instances.kill(instance);
    case 'spot-notice':
      return instances.takeBack(instance, SPOT_NOTICE_MS);
    default:
      throw new ApiError('NotFound', `Nothing can ${action} an instance.`, 404);
  }
}
