import { beforeAll, expect, test } from 'vitest';
import type { InstanceMetadata } from '../metadata/instance-metadata.ts';

export interface MetadataSubject extends AsyncDisposable {
  metadata: InstanceMetadata;
  instanceId: string;
  /** What the instance was launched as. */
  machine: { type: string; market: 'on-demand' | 'spot' };
  /** The tags the instance was launched with. */
  tags: Readonly<Record<string, string>>;
  setTag(key: string, value: string): Promise<void>;
}

/** What instance metadata promises. */
export function metadataContract(start: () => Promise<MetadataSubject>): void {
  let subject: MetadataSubject;
  beforeAll(async () => {
    subject = await start();
    return () => subject[Symbol.asyncDispose]();
  });

  test('names the instance', async () => {
    expect(await subject.metadata.instanceId()).toBe(subject.instanceId);
  });

  test('says what machine the instance is', async () => {
    expect(await subject.metadata.machine()).toEqual(subject.machine);
  });

  test('shows the tags of the instance, and how they change', async () => {
    const { metadata, tags } = subject;
    expect(await metadata.tags()).toEqual(tags);
    await subject.setTag('labelfleet:drain', '1764-a');
    expect(await metadata.tags()).toEqual({ ...tags, 'labelfleet:drain': '1764-a' });
  });

  test('has no Spot notice as long as there is none', async () => {
    expect(await subject.metadata.spotInterruption()).toBeNull();
  });
}
