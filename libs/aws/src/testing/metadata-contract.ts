import { beforeAll, expect, test } from 'vitest';
import type { InstanceMetadata } from '../metadata/instance-metadata.ts';

export interface MetadataSubject extends AsyncDisposable {
  metadata: InstanceMetadata;
  instanceId: string;
  /** The type and the market that the instance was launched with. */
  machine: { type: string; market: 'on-demand' | 'spot' };
  /** The tags the instance was launched with. */
  tags: Readonly<Record<string, string>>;
  setTag(key: string, value: string): Promise<void>;
}

/** Test cases that every implementation of InstanceMetadata must pass. */
export function metadataContract(start: () => Promise<MetadataSubject>): void {
  let subject: MetadataSubject;
  beforeAll(async () => {
    subject = await start();
    return () => subject[Symbol.asyncDispose]();
  });

  test('returns the instance id', async () => {
    expect(await subject.metadata.instanceId()).toBe(subject.instanceId);
  });

  test('returns the instance type and the market', async () => {
    expect(await subject.metadata.machine()).toEqual(subject.machine);
  });

  test('returns the tags of the instance and their changes', async () => {
    const { metadata, tags } = subject;
    expect(await metadata.tags()).toEqual(tags);
    await subject.setTag('labelfleet:drain', '1764-a');
    expect(await metadata.tags()).toEqual({ ...tags, 'labelfleet:drain': '1764-a' });
  });

  test('returns null when there is no Spot interruption notice', async () => {
    expect(await subject.metadata.spotInterruption()).toBeNull();
  });
}
