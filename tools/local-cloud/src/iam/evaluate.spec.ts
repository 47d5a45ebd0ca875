import { describe, expect, test } from 'vitest';

import { evaluate, type IamCall } from './evaluate.ts';
import { policy } from './policy.ts';

const get: IamCall = { action: 's3:GetObject', resource: 'arn:aws:s3:::images/a/b.jpg' };
const allow = (more: object = {}) => ({
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::images/*',
  ...more,
});
const decide = (statements: unknown, call = get) =>
  evaluate(policy.parse({ Version: '2012-10-17', Statement: statements }), call);

describe('a call', () => {
  test.each([
    ['allowed by a statement', allow(), 'allowed'],
    ['allowed by one of several', [allow({ Action: 's3:PutObject' }), allow()], 'allowed'],
    ['not allowed without a statement', [], 'not-allowed'],
    ['denied in spite of a statement that allows', [allow(), allow({ Effect: 'Deny' })], 'denied'],
    [
      'denied only by a statement about it',
      [allow(), allow({ Effect: 'Deny', Resource: 'arn:aws:s3:::other/*' })],
      'allowed',
    ],
    ['allowed whatever the case of the action', allow({ Action: 'S3:getobject' }), 'allowed'],
    ['allowed by a wildcard in the action', allow({ Action: 's3:Get*' }), 'allowed'],
    ['allowed by all of a service', allow({ Action: ['sqs:*', 's3:*'] }), 'allowed'],
    ['not allowed by another service', allow({ Action: 'sqs:*' }), 'not-allowed'],
    ['allowed on everything', allow({ Resource: '*' }), 'allowed'],
    [
      'not allowed in another case of the resource',
      allow({ Resource: 'arn:aws:s3:::IMAGES/*' }),
      'not-allowed',
    ],
    ['allowed by ? for one character', allow({ Resource: 'arn:aws:s3:::image?/a/*' }), 'allowed'],
    ['not allowed by the bucket alone', allow({ Resource: 'arn:aws:s3:::images' }), 'not-allowed'],
    ['not allowed by a wildcard over a colon', allow({ Resource: 'arn:*/a/b.jpg' }), 'not-allowed'],
  ])('is %s', (_, statements, decision) => {
    expect(decide(statements)).toBe(decision);
  });
});

describe('a condition', () => {
  const template = 'arn:aws:ec2:us-east-1:000000000000:launch-template/lt-1';
  const call = {
    ...get,
    context: {
      'ec2:InstanceType': 'c7g.large',
      'ec2:LaunchTemplate': template,
      'ec2:IsLaunchTemplateResource': 'true',
      'aws:TagKeys': ['drain', 'resume'],
      'aws:RequestTag/fleet': 'lf',
    },
  };
  const type = 'ec2:InstanceType';

  test.each<[boolean, Record<string, Record<string, unknown>>]>([
    [true, { StringEquals: { [type]: 'c7g.large' } }],
    [true, { StringEquals: { [type]: ['c8g.large', 'c7g.large'] } }],
    [true, { StringEquals: { 'EC2:instancetype': 'c7g.large' } }],
    [false, { StringEquals: { [type]: 'c7g.*' } }],
    [false, { StringEquals: { [type]: 'C7G.large' } }],
    [false, { StringEquals: { 'ec2:InstanceProfile': 'x' } }],
    [true, { StringLike: { [type]: 'c7g.*' } }],
    [true, { StringEquals: { 'aws:RequestTag/fleet': 'lf' } }],
    [false, { StringEquals: { 'aws:ResourceTag/fleet': 'lf' } }],
    [true, { ArnEquals: { 'ec2:LaunchTemplate': template } }],
    [true, { ArnLike: { 'ec2:LaunchTemplate': 'arn:aws:ec2:*:*:launch-template/*' } }],
    [false, { ArnLike: { 'ec2:LaunchTemplate': 'arn:aws:ec2:*:launch-template/*' } }],
    [true, { Bool: { 'ec2:IsLaunchTemplateResource': true } }],
    [false, { Bool: { 'ec2:IsLaunchTemplateResource': 'false' } }],
    [true, { Null: { 'aws:TagKeys': 'false' } }],
    [false, { Null: { 'ec2:CreateAction': 'false' } }],
    [true, { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['drain', 'resume', 'x'] } }],
    [false, { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['drain'] } }],
    [true, { 'ForAllValues:StringEquals': { 'ec2:CreateAction': ['x'] } }],
    [true, { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['dr*'] } }],
    [false, { 'ForAnyValue:StringEquals': { 'ec2:CreateAction': ['x'] } }],
    [
      false,
      { StringEquals: { [type]: 'c7g.large' }, Bool: { 'ec2:IsLaunchTemplateResource': 'false' } },
    ],
    [false, { StringEquals: { [type]: 'c7g.large', 'aws:RequestTag/fleet': 'other' } }],
  ])('holds: %j %j', (holds, Condition) => {
    expect(decide(allow({ Condition }), call)).toBe(holds ? 'allowed' : 'not-allowed');
  });
});

describe('a policy is refused', () => {
  test.each([
    ['NotAction', allow({ NotAction: 's3:*' }), /NotAction/],
    ['a principal', allow({ Principal: '*' }), /Principal/],
    [
      'another operator',
      allow({ Condition: { IpAddress: { 'aws:SourceIp': 'x' } } }),
      /the condition operator IpAddress is not evaluated here/,
    ],
    [
      'another key',
      allow({ Condition: { StringEquals: { 's3:prefix': 'x' } } }),
      /the condition key s3:prefix is not evaluated here/,
    ],
    [
      'a variable',
      allow({ Resource: 'arn:aws:s3:::images/${aws:username}/*' }),
      /policy variables are not evaluated here: arn/,
    ],
  ])('for %s', (_, statement, reason) => {
    expect(() => decide(statement)).toThrow(reason);
  });
});
