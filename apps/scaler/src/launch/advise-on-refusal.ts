/** What to do about EC2's refusals, by the beginning of their code; the first match counts. */
const ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [
    /^AuthFailure\.ServiceLinkedRole/,
    'create the service-linked role of Spot once: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com',
  ],
  [
    /^(UnauthorizedOperation|AccessDenied|AuthFailure)/,
    "give the scaler's role ec2:RunInstances for this place, ec2:CreateTags and iam:PassRole for the workers' role",
  ],
  [
    /^(InvalidSubnet|VPCIdNotSpecified|VPCResourceNotSpecified|DefaultVpcDoesNotExist|MissingInput)/,
    'name existing subnets in WORKER_SUBNET_IDS',
  ],
  [
    /^(InvalidInstanceType|InstanceTypeNotSupported|Unsupported|InvalidZone|InvalidAvailabilityZone)/,
    'name types in WORKER_INSTANCE_TYPES that these zones offer and that fit the architecture of the image',
  ],
  [/^(OptInRequired|Blocked|AccountDisabled)/, 'EC2 does not serve this account: ask AWS Support'],
  [
    /^TagPolicyViolation|^InvalidTagKey/,
    'allow the labelfleet tags in the tag policy of the organization',
  ],
];

const OTHERWISE =
  'correct the launch template or WORKER_INSTANCE_TYPES, WORKER_SUBNET_IDS and WORKER_MARKET as the detail says';

export const adviseOnRefusal = (code: string): string =>
  ADVICE.find(([pattern]) => pattern.test(code))?.[1] ?? OTHERWISE;
