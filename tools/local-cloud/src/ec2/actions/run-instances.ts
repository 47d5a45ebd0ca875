import * as z from 'zod';

import { ApiError } from '../../api-error.ts';
import { reservationXml } from './instance-xml.ts';
import { launchSpec } from '../launches/launch-spec.ts';
import { versionOf } from '../launches/launch-templates.ts';
import { count, launchShape } from '../launches/template-data.ts';
import { action } from './action.ts';

/** The limit of a new AWS account. */
const MOST_AT_ONCE = 1000;

const shape = {
  ...launchShape,
  MinCount: count,
  MaxCount: count,
  ClientToken: z.string().max(64).optional(),
  SubnetId: z.string().optional(),
  LaunchTemplate: z
    .strictObject({
      LaunchTemplateId: z.string().optional(),
      LaunchTemplateName: z.string().optional(),
      Version: z.string().optional(),
    })
    .optional(),
};

export const runInstancesInput = z.strictObject(shape);

export type RunInstancesInput = z.output<typeof runInstancesInput>;

export const runActions = [
  action('RunInstances', shape, ({ ClientToken: token, ...parameters }, context) => {
    const { images, instances, launches, templates } = context;
    const launched = launches.once(token, parameters, () => {
      const { MinCount: min, MaxCount: max, LaunchTemplate: reference } = parameters;
      if (min < 1 || max < min || max > MOST_AT_ONCE) {
        throw new ApiError(
          'InvalidParameterValue',
          `MinCount ${min} and MaxCount ${max} must be from 1 to ${MOST_AT_ONCE}, and in order.`,
        );
      }
      const template = reference && templates.find(reference);
      const version = template && versionOf(template, reference?.Version);
      const from = version && { id: template.id, version };
      const spec = launchSpec(parameters, from);
      if (spec.subnetId === undefined && !context.defaultSubnets) {
        throw new ApiError(
          'VPCIdNotSpecified',
          'No default VPC for this user. Specify a subnet (LOCAL_CLOUD_DEFAULT_SUBNETS=true needs none).',
        );
      }
      if (!Object.hasOwn(images, spec.imageId)) {
        throw new ApiError(
          'InvalidAMIID.NotFound',
          `The image id '[${spec.imageId}]' does not exist (LOCAL_CLOUD_IMAGES names those that do)`,
        );
      }
      return instances.launch(spec, { min, max }, token);
    });
    return reservationXml(launched);
  }),
];
