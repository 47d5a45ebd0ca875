import * as z from 'zod';

import type { ActionContext } from '../ec2/actions/action.ts';
import { runInstancesInput } from '../ec2/actions/run-instances.ts';
import { tagsOf } from '../ec2/launches/launch-spec.ts';
import { tagSpecifications } from '../ec2/launches/template-data.ts';
import { parseInput } from '../parse-input.ts';
import { ec2Arn } from './arns.ts';
import { requestTags, resourceTags, type Resource, type Targets } from './iam-calls.ts';
import { launchTargets } from './launch-targets.ts';

export type Ec2Parts = Pick<ActionContext, 'region' | 'instances' | 'templates'> & {
  /** The ARN of the role of an instance profile. */
  readonly roleOf: (profile: string) => string;
};

const ids = z.array(z.string()).catch([]);
const tags = z.array(z.object({ Key: z.string(), Value: z.string().default('') })).catch([]);
const text = z.string().optional().catch(undefined);
const named = z
  .object({
    InstanceId: ids,
    ResourceId: ids,
    Tag: tags,
    LaunchTemplateId: text,
    LaunchTemplateName: text,
    TagSpecification: tagSpecifications.catch([]),
  })
  .catch({ InstanceId: [], ResourceId: [], Tag: [], TagSpecification: [] } as never);

/**
 * The resources of a call of EC2, from its unchecked parameters.
 * @throws ApiError if a launch names what does not exist
 */
export function ec2Targets(action: string, parameters: unknown, parts: Ec2Parts): Targets {
  if (action === 'RunInstances') {
    return launchTargets(parseInput(action, runInstancesInput, parameters), parts);
  }
  const { region } = parts;
  const call = named.parse(parameters);
  const given = Object.fromEntries(call.Tag.map(({ Key, Value }) => [Key, Value]));
  const templateTags = tagsOf(call.TagSpecification, 'launch-template');
  const created = {
    resource: ec2Arn(region, 'launch-template/*'),
    context: requestTags(templateTags),
  };
  const withTags = { ...created.context, 'ec2:CreateAction': action };
  return {
    'named-resources': [...call.InstanceId, ...call.ResourceId].map((id) => {
      const { resource, context } = existing(id, parts);
      return { resource, context: { ...context, ...requestTags(given) } };
    }),
    'launch-template': templatesOf(call, parts),
    'new-launch-template': [created],
    'new-launch-template-with-tags':
      Object.keys(templateTags).length > 0 ? [{ ...created, context: withTags }] : [],
  };
}

/** An instance or a launch template by its id. One that does not exist has no tags. */
function existing(id: string, { region, instances, templates }: Ec2Parts): Resource {
  const found = [...instances.all(), ...templates.all()].find((each) => each.id === id);
  const kind = id.startsWith('lt-') ? 'launch-template' : 'instance';
  return { resource: ec2Arn(region, `${kind}/${id}`), context: resourceTags(found?.tags ?? {}) };
}

function templatesOf(
  call: { LaunchTemplateId?: string | undefined; LaunchTemplateName?: string | undefined },
  parts: Ec2Parts,
): Resource[] {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = call;
  const found = parts.templates.all().find((each) => each.id === id || each.name === name);
  return [existing(found?.id ?? id ?? name ?? '', parts)];
}
