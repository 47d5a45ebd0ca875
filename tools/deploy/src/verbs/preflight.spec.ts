import { describe, expect, test } from 'vitest';
import type { Account } from '../aws/account.ts';
import { fakeStacks } from '../testing/fake-stacks.ts';
import { parseSettings } from '../settings.ts';
import { domainFaults, nextSteps } from './domain.ts';
import { inspectAccount, judge, type Findings } from './preflight.ts';

const settings = (options: Record<string, string> = {}) =>
  parseSettings({ 'allow-from': '203.0.113.7/32', ...options });
const zones = ['us-east-1a', 'us-east-1b'];
const good: Findings = {
  region: 'us-east-1',
  vcpuQuota: { 'on-demand': 64, spot: 64 },
  instanceTypes: new Map(
    ['c7g.large', 'c8g.large', 't4g.small', 't4g.micro'].map((type) => [type, { vcpus: 2, zones }]),
  ),
  hasSpotRole: true,
  domainFaults: [],
  bootstrapVersion: 21,
};
const ready = { faults: [], bootstrap: false, createSpotRole: false };

test('an account that has everything is ready', () => {
  expect(judge(settings(), good)).toEqual(ready);
});

test('an account that is new to CDK or to Spot is prepared', () => {
  const fresh = { ...good, hasSpotRole: false, bootstrapVersion: undefined };
  expect(judge(settings(), fresh)).toEqual({ ...ready, bootstrap: true });
  expect(judge(settings({ 'worker-market': 'spot' }), fresh)).toEqual({
    ...ready,
    bootstrap: true,
    createSpotRole: true,
  });
  expect(judge(settings(), { ...good, bootstrapVersion: 20 }).bootstrap).toBe(true);
});

test.each([
  // 20 workers and 2 hosts of 2 vCPUs each.
  ['on-demand', 43, '43 vCPUs on-demand; 20 workers and the hosts may need 44'],
  ['spot', 39, '39 vCPUs spot; 20 workers and the hosts may need 40'],
])('too few vCPUs %s are a fault', (market, quota, text) => {
  const findings = { ...good, vcpuQuota: { ...good.vcpuQuota, [market]: quota } };
  const { faults } = judge(settings({ 'worker-market': 'spot,on-demand' }), findings);
  expect(faults).toEqual([expect.stringContaining(text)]);
  const enough = { ...findings, vcpuQuota: { ...good.vcpuQuota, [market]: quota + 1 } };
  expect(judge(settings({ 'worker-market': 'spot,on-demand' }), enough).faults).toEqual([]);
});

test('every fault is reported at once', () => {
  const instanceTypes = new Map([
    ...good.instanceTypes,
    ['c8g.large', { vcpus: 2, zones: ['us-east-1a'] }] as const,
  ]);
  instanceTypes.delete('t4g.small');
  const vcpuQuota = { 'on-demand': 5, spot: 0 };
  expect(judge(settings(), { ...good, instanceTypes, vcpuQuota }).faults).toEqual([
    'The region has no t4g.small. Choose another type.',
    'Only one zone has c8g.large; two are used. Choose another type.',
    expect.stringMatching(/^The account may have 5 vCPUs on-demand/),
  ]);
});

const account: Account = {
  identity: async () => ({ account: '123456789012', arn: 'arn:aws:iam::123456789012:user/me' }),
  vcpuQuota: async (market) => good.vcpuQuota[market],
  instanceTypes: async (types) => new Map(types.map((type) => [type, { vcpus: 2, zones }])),
  hasSpotRole: async () => true,
  createSpotRole: async () => undefined,
};
const stacks = fakeStacks({ CDKToolkit: { BootstrapVersion: '21' } });

const resolve = async () => ({ ipv4: ['192.0.2.1'], ipv6: ['2001:db8::1'] });
const deps = { region: 'us-east-1', account, stacks, resolve };

test('asks the account for what is judged', async () => {
  expect(await inspectAccount(deps, settings())).toEqual(good);
});

test('a certificate of another region is a fault', () => {
  const certificate = 'arn:aws:acm:eu-west-1:123456789012:certificate/0a1b';
  const balanced = { 'certificate-arn': certificate, domain: 'labels.example.com' };
  expect(judge(settings(balanced), good).faults).toEqual([
    'The certificate is in eu-west-1. A load balancer in us-east-1 needs one of us-east-1.',
  ]);
});

describe('--domain', () => {
  const ofRun = (PublicAddress: string) =>
    fakeStacks({ CDKToolkit: { BootstrapVersion: '21' }, 'labelfleet-run': { PublicAddress } });
  const faultsOf = async (stack: typeof stacks, options = {}) => {
    const chosen = settings({ domain: 'labels.example.com', ...options });
    return judge(chosen, await inspectAccount({ ...deps, stacks: stack }, chosen)).faults;
  };

  test('must resolve to the address of the deployment, and to no other', async () => {
    expect(await faultsOf(ofRun('192.0.2.9'))).toEqual([
      'labels.example.com resolves to 192.0.2.1. Set its A record to 192.0.2.9, and wait until it is known.',
      expect.stringContaining('has an AAAA record (2001:db8::1)'),
    ]);
    expect(await faultsOf(ofRun('192.0.2.1'))).toHaveLength(1);
  });

  test('has no address to resolve to before the first deployment', async () => {
    expect(await faultsOf(stacks)).toEqual([]);
  });

  test('of a load balancer is not looked up', async () => {
    const certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b';
    expect(await faultsOf(ofRun('192.0.2.9'), { 'certificate-arn': certificate })).toEqual([]);
    expect(await faultsOf(ofRun('balancer.elb.amazonaws.com'))).toEqual([]);
  });
});

test('a domain that resolves as it should needs nothing', () => {
  expect(domainFaults('a.example', '192.0.2.1', { ipv4: ['192.0.2.1'], ipv6: [] })).toEqual([]);
  expect(domainFaults('a.example', '192.0.2.1', { ipv4: [], ipv6: [] })).toEqual([
    'a.example resolves to no address. Set its A record to 192.0.2.1, and wait until it is known.',
  ]);
  expect([nextSteps([]), nextSteps(['this']).length]).toEqual([[], 2]);
});

test('a caller without credentials learns how to set them', async () => {
  const nobody = { ...account, identity: () => Promise.reject(new Error('Could not load them')) };
  await expect(inspectAccount({ ...deps, account: nobody }, settings())).rejects.toMatchObject({
    exitCode: 69,
    message: expect.stringMatching(/Could not load them\nSet AWS_PROFILE/) as string,
  });
});
