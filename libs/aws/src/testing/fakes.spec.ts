import { describe } from 'vitest';
import { fakeEc2 } from './fake-ec2.ts';
import { fakeInstanceMetadata } from './fake-instance-metadata.ts';
import { fakeS3 } from './fake-s3.ts';
import { fakeSqs } from './fake-sqs.ts';
import { fleetContract } from './fleet-contract.ts';
import { metadataContract } from './metadata-contract.ts';
import { queueContract } from './queue-contract.ts';
import { storeContract } from './store-contract.ts';

const nothingToDispose = { [Symbol.asyncDispose]: async () => undefined };

describe('fakeSqs', () =>
  queueContract(async () => {
    const sqs = fakeSqs();
    return { sqs, createQueue: async (name) => sqs.createQueue(name), ...nothingToDispose };
  }));

describe('fakeS3', () =>
  storeContract(async () => {
    const s3 = fakeS3();
    s3.createBucket('contract');
    return { store: s3.store('contract'), missing: s3.store('missing'), ...nothingToDispose };
  }));

describe('fakeEc2', () =>
  fleetContract(async () => {
    const ec2 = fakeEc2();
    const template = { name: 'contract', id: ec2.createLaunchTemplate('contract') };
    return { fleet: ec2.fleet, template, ...nothingToDispose };
  }));

describe('fakeInstanceMetadata', () =>
  metadataContract(async () => {
    const tags = { 'labelfleet:fleet': 'contract' };
    const machine = { type: 'c7g.large', market: 'spot' } as const;
    const metadata = fakeInstanceMetadata({ instanceId: 'i-1', machine, tags });
    return {
      metadata,
      instanceId: 'i-1',
      machine,
      tags,
      setTag: async (key, value) => metadata.setTags({ ...tags, [key]: value }),
      ...nothingToDispose,
    };
  }));
