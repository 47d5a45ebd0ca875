import type { RunInstancesInput } from '../ec2/actions/run-instances.ts';
import { launchSpec, tagsOf } from '../ec2/launches/launch-spec.ts';
import { versionOf } from '../ec2/launches/launch-templates.ts';
import { ec2Arn, imageArn, profileArn } from './arns.ts';
import type { Ec2Parts } from './ec2-targets.ts';
import { requestTags, type Resource, type Targets } from './iam-calls.ts';

/**
 * What a launch asks for: each resource that it uses or creates, the tags of those, and the role that it passes.
 * docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html
 */
export function launchTargets(given: RunInstancesInput, parts: Ec2Parts): Targets {
  const { region, templates, roleOf } = parts;
  const reference = given.LaunchTemplate;
  const template = reference && templates.find(reference);
  const version = template && versionOf(template, reference?.Version);
  const data = version?.data;
  const spec = launchSpec(given, version && { id: template.id, version });
  const arn = (resource: string) => ec2Arn(region, resource);
  const ofTemplate = template && { 'ec2:LaunchTemplate': arn(`launch-template/${template.id}`) };
  /** @param own true if the launch names the resource itself */
  const used = (resource: string, own: boolean, context?: Resource['context']): Resource => ({
    resource,
    context: {
      ...(ofTemplate && { ...ofTemplate, 'ec2:IsLaunchTemplateResource': String(!own) }),
      ...context,
    },
  });
  const tags = (type: string) => ({
    ...tagsOf(data?.TagSpecification ?? [], type),
    ...tagsOf(given.TagSpecification, type),
  });
  const created = (type: string, context?: Resource['context']) =>
    used(arn(`${type}/*`), false, { ...requestTags(tags(type)), ...context });

  const tokens = given.MetadataOptions?.HttpTokens ?? data?.MetadataOptions?.HttpTokens;
  const groups = given.SecurityGroupId ?? data?.SecurityGroupId ?? [];
  const taggedTypes = [...(data?.TagSpecification ?? []), ...given.TagSpecification].flatMap(
    ({ ResourceType, Tag }) => (Tag.length > 0 ? [ResourceType] : []),
  );
  return {
    'launched-resources': [
      created('instance', {
        'ec2:InstanceType': spec.instanceType,
        ...(tokens !== undefined && { 'ec2:MetadataHttpTokens': tokens }),
        ...(spec.profile !== undefined && { 'ec2:InstanceProfile': profileArn(spec.profile) }),
      }),
      used(imageArn(region, spec.imageId), given.ImageId !== undefined),
      ...groups.map((id) => used(arn(`security-group/${id}`), given.SecurityGroupId !== undefined)),
      ...(template ? [used(arn(`launch-template/${template.id}`), true)] : []),
      used(arn(`subnet/${spec.subnetId ?? '*'}`), spec.subnetId !== undefined),
      created('network-interface'),
      created('volume'),
      // The only one whose condition keys are those of tags alone.
      ...(spec.market === 'spot'
        ? [
            {
              resource: arn('spot-instances-request/*'),
              context: requestTags(tags('spot-instances-request')),
            },
          ]
        : []),
    ],
    'launched-with-tags': [...new Set(taggedTypes)].map((type) => ({
      resource: arn(`${type}/*`),
      context: { 'ec2:CreateAction': 'RunInstances', ...requestTags(tags(type)) },
    })),
    'passed-role':
      spec.profile === undefined
        ? []
        : [
            {
              resource: roleOf(spec.profile),
              context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
            },
          ],
  };
}
