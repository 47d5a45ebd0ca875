import { ApiError } from '../api-error.ts';
import type { Instance } from '../ec2/instances/instance.ts';
import type { InstanceFaults, Launch } from '../ec2/instances/instance-faults.ts';
import type { Faults } from './faults.ts';
import type { Facts } from './matches.ts';

/** The faults of instances: no capacity, slow or failed boots, and Spot interruptions. */
export function instanceFaults(faults: Faults, usualBootMs: number): InstanceFaults {
  return {
    capacity: (launch) => {
      let capacity = launch.max;
      const occasion = { action: 'ec2:RunInstances', facts: factsOf(launch) };
      for (const { available, code } of faults.fire(['capacity'], occasion)) {
        capacity = Math.min(capacity, available);
        if (capacity < launch.min) throw noCapacity(code, launch);
      }
      return capacity;
    },

    boot: (instance) => {
      const occasion = { action: 'ec2:RunInstances', facts: factsOfInstance(instance) };
      const [delay] = faults.fire(['boot-delay'], occasion);
      const [failure] = faults.fire(['boot-failure'], occasion);
      return { delayMs: delay?.delayMs ?? usualBootMs, failure: failure?.code };
    },

    spotNotice: (instance, fault) => {
      const occasion = { action: 'local:SpotNotice', facts: factsOfInstance(instance) };
      const [notice] = faults.fire(['spot-notice'], occasion, fault);
      return notice;
    },
  };
}

/**
 * EC2 answers with 500 if it has no capacity, and with 400 at limits of the account or the subnet.
 * docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
function noCapacity(code: string, { spec, zone }: Launch): ApiError {
  const status = /^Insufficient\w*Capacity$/.test(code) ? 500 : 400;
  const message =
    code === 'InsufficientInstanceCapacity'
      ? `We currently do not have sufficient ${spec.instanceType} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.`
      : `There is no capacity for this launch of ${spec.instanceType} in ${zone}.`;
  return new ApiError(code, message, status);
}

function factsOf({ spec, subnetId, zone }: Pick<Launch, 'spec' | 'subnetId' | 'zone'>): Facts {
  return {
    image: [spec.imageId],
    instanceType: [spec.instanceType],
    subnet: [subnetId],
    zone: [zone],
    market: [spec.market],
  };
}

function factsOfInstance(instance: Instance): Facts {
  return { ...factsOf(instance), instance: [instance.id] };
}
