import { describe, expect, test } from 'vitest';
import { archOf, parseSettings } from './settings.ts';

const allowed = { 'allow-from': '203.0.113.7/32' };

test('only --allow-from is required', () => {
  expect(parseSettings(allowed)).toEqual({
    allowFrom: '203.0.113.7/32',
    fleet: 'labelfleet',
    model: 'mobilenet-v2',
    minWorkers: 0,
    maxWorkers: 20,
    workerTypes: ['c7g.large', 'c8g.large'],
    workerMarkets: ['on-demand'],
    workerPublicIpv4: false,
    gatewayType: 't4g.small',
    scalerType: 't4g.micro',
    jobSources: [],
    jobDestinations: [],
    domain: undefined,
    certificateArn: undefined,
    logs: true,
    metricsFrom: [],
    alarmEmail: undefined,
    budgetUsd: 50,
  });
});

test('every wrong option is named at once', () => {
  const wrong = {
    fleet: 'My Fleet',
    'max-workers': 'many',
    'worker-types': 'c7g.large,c7i.large',
    'worker-market': 'cheap',
    'job-sources': 'photos,My Photos/2026',
    domain: 'Example',
    'certificate-arn': 'mine',
    'metrics-from': '10.0.0.0/16,prometheus',
    'alarm-email': 'nobody',
    budget: '0',
  };
  expect(() => parseSettings(wrong)).toThrow(
    expect.objectContaining({
      exitCode: 78,
      message: [
        '--allow-from is required: the addresses that may call the gateway, such as 203.0.113.7/32',
        '--fleet must be 1 to 24 lower-case letters, digits or -',
        '--max-workers must be a whole number from 1 to 1000',
        '--worker-types must all be of one architecture, because they run one pack',
        '--worker-market must be spot, on-demand or both, the preferred first',
        '--job-sources must be buckets or bucket/folder, separated by commas, without dots in a bucket and without spaces',
        '--domain must be a name such as labels.example.com, in lower case',
        '--certificate-arn must be the ARN of a certificate in ACM',
        '--metrics-from must be IPv4 ranges such as 10.0.0.0/16, or security groups such as sg-0123456789abcdef0',
        '--alarm-email must be an e-mail address',
        '--budget must be a whole number from 1 to 1000000',
      ].join('\n'),
    }) as Error,
  );
});

describe('--allow-from', () => {
  test.each(['203.0.113.7', '203.0.113.7/33', '::/0', 'everybody', '1.2.3.4/8/8', ''])(
    'does not take "%s"',
    (range) => {
      expect(() => parseSettings({ 'allow-from': range })).toThrow(/^--allow-from must be/);
    },
  );
  test('takes the whole internet, too', () => {
    expect(parseSettings({ 'allow-from': '0.0.0.0/0' }).allowFrom).toBe('0.0.0.0/0');
  });
});

test('a folder that jobs may read ends with a slash', () => {
  const given = { ...allowed, 'job-sources': 'photos, scans/a/b,scans/c/' };
  expect(parseSettings(given).jobSources).toEqual([
    { bucket: 'photos', prefix: '' },
    { bucket: 'scans', prefix: 'a/b/' },
    { bucket: 'scans', prefix: 'c/' },
  ]);
});

test.each(['labels.example.com', 'a.b.example.xn--p1ai'])('takes the domain %s', (domain) => {
  expect(parseSettings({ ...allowed, domain }).domain).toBe(domain);
});

test.each(['example', 'https://example.com', 'example.com/', '203.0.113.7', '-a.com', 'a..com'])(
  'does not take the domain %s',
  (domain) => {
    expect(() => parseSettings({ ...allowed, domain })).toThrow('--domain must be a name');
  },
);

test('a certificate needs the name that it is for', () => {
  const certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b';
  const given = { ...allowed, 'certificate-arn': certificate };
  expect(() => parseSettings(given)).toThrow('--domain is required with --certificate-arn');
});

test('there may not be more workers at least than at most', () => {
  const given = { ...allowed, 'min-workers': '3', 'max-workers': '2' };
  expect(() => parseSettings(given)).toThrow('--min-workers must be at most --max-workers');
});

test.each([
  ['c7g.large', 'arm64'],
  ['c8gd.large', 'arm64'],
  ['t4g.small', 'arm64'],
  ['c7i.large', 'x64'],
  ['g5.xlarge', 'x64'],
  ['t3.micro', 'x64'],
])('%s is %s', (type, arch) => {
  expect(archOf(type)).toBe(arch);
});
