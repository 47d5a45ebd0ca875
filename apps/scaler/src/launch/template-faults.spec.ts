import type { LaunchTemplateVersion } from '@labelfleet/aws/fleet';
import { describe, expect, it } from 'vitest';
import type { WorkerPlaces } from './launch-places.ts';
import { templateFaults } from './template-faults.ts';

const good: LaunchTemplateVersion = {
  imageId: 'ami-1',
  instanceType: 'c7g.large',
  instanceRequirements: false,
  market: undefined,
  shutdownBehavior: 'terminate',
  metadataEndpoint: undefined,
  metadataTags: 'enabled',
  networkInterfaces: 0,
  terminationProtection: false,
  tagKeys: ['Name', 'team:cost-center'],
};
const anywhere: WorkerPlaces = {
  instanceTypes: undefined,
  subnetIds: undefined,
  markets: ['on-demand'],
};
const inSubnet = { ...anywhere, subnetIds: ['subnet-1'] };

describe('a launch template', () => {
  it.each<[string, Partial<LaunchTemplateVersion>, WorkerPlaces, RegExp[]]>([
    ['that is right', {}, inSubnet, []],
    ['with its own network interface, and no subnets', { networkInterfaces: 1 }, anywhere, []],
    ['for Spot, where all workers are', { market: 'spot' }, { ...anywhere, markets: ['spot'] }, []],
    ['without shutdown behaviour', { shutdownBehavior: undefined }, anywhere, [/not set.* stop/]],
    ['that stops', { shutdownBehavior: 'stop' }, anywhere, [/^InstanceInitiated.*is stop/]],
    ['without metadata tags', { metadataTags: undefined }, anywhere, [/InstanceMetadataTags/]],
    ['with metadata tags off', { metadataTags: 'disabled' }, anywhere, [/is disabled/]],
    ['without metadata', { metadataEndpoint: 'disabled' }, anywhere, [/HttpEndpoint/]],
    ['with interface and subnets', { networkInterfaces: 1 }, inSubnet, [/WORKER_SUBNET_IDS/]],
    ['without an image', { imageId: undefined }, anywhere, [/ImageId/]],
    ['that asks for a type', { instanceRequirements: true }, anywhere, [/InstanceRequirements/]],
    ['for Spot, where some are on demand', { market: 'spot' }, anywhere, [/WORKER_MARKET/]],
    ['that protects its instances', { terminationProtection: true }, anywhere, [/DisableApi/]],
    ['with tag keys that EC2 refuses', { tagKeys: ['a b', 'c/d'] }, anywhere, [/"a b", "c\/d"/]],
    [
      'with several faults',
      { shutdownBehavior: undefined, metadataTags: undefined, networkInterfaces: 2 },
      inSubnet,
      [/^InstanceInitiatedShutdownBehavior/, /InstanceMetadataTags/, /NetworkInterface/],
    ],
  ])('%s', (_, changes, places, expected) => {
    const faults = templateFaults({ ...good, ...changes }, places);
    expect(faults).toHaveLength(expected.length);
    for (const [index, fault] of faults.entries()) expect(fault).toMatch(expected[index] ?? '');
  });
});
