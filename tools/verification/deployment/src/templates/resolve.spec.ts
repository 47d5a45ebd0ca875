import { expect, test } from 'vitest';
import { resolve, resolveText } from './resolve.ts';

const names = {
  refs: { Queue: 'http://queue', 'AWS::Region': 'us-east-1', 'AWS::AccountId': '000000000000' },
  attributes: { 'Queue.Arn': 'arn:queue' },
  exports: { 'data:Bucket': 'bucket' },
};

test.each([
  [{ Ref: 'Queue' }, 'http://queue'],
  [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:queue'],
  [{ 'Fn::ImportValue': 'data:Bucket' }, 'bucket'],
  [{ 'Fn::Sub': 'cdk-${AWS::AccountId}-${AWS::Region}' }, 'cdk-000000000000-us-east-1'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Queue' }]] }, 'a-http://queue'],
  [{ 'Fn::Base64': { 'Fn::Join': ['', ['A', '=1']] } }, 'QT0x'],
  [{ list: [{ Ref: 'Queue' }, 8, true] }, { list: ['http://queue', 8, true] }],
])('resolves %j', (part, value) => {
  expect(resolve(part, names)).toEqual(value);
});

test.each([
  [{ Ref: 'Other' }, 'Ref Other has no value here'],
  [{ 'Fn::GetAtt': ['Queue', 'Name'] }, 'Fn::GetAtt Queue.Name has no value here'],
  [{ 'Fn::Sub': '${Other}' }, 'Fn::Sub Other has no value here'],
  [{ 'Fn::Select': [0, ['a']] }, 'Fn::Select is not resolved here'],
])('refuses %j', (part, reason) => {
  expect(() => resolve(part, names)).toThrow(reason);
});

test('refuses a text that is none', () => {
  expect(() => resolveText({ a: 'b' }, names)).toThrow('{"a":"b"} is no text');
});
