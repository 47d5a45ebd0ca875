import type { InstanceMetadata } from '../metadata/instance-metadata.ts';
import { noHook, type CallHook } from './call-hook.ts';

export interface FakeInstanceMetadata extends InstanceMetadata {
  setTags(tags: Readonly<Record<string, string>>): void;
  setSpotInterruption(notice: { action: string; at: Date } | null): void;
}

/** Instance metadata in memory. */
export function fakeInstanceMetadata(
  options: {
    instanceId?: string;
    machine?: { type: string; market: 'on-demand' | 'spot' };
    tags?: Readonly<Record<string, string>>;
    beforeCall?: CallHook;
  } = {},
): FakeInstanceMetadata {
  const {
    instanceId = 'i-00000000000000001',
    machine = { type: 't3.micro', market: 'on-demand' },
    beforeCall = noHook,
  } = options;
  let tags = { ...options.tags };
  let notice: { action: string; at: Date } | null = null;
  return {
    async instanceId() {
      await beforeCall('GetMetadata', 'instance-id');
      return instanceId;
    },
    async machine() {
      await beforeCall('GetMetadata', 'instance-type');
      return { ...machine };
    },
    async tags() {
      await beforeCall('GetMetadata', 'tags/instance');
      return { ...tags };
    },
    async spotInterruption() {
      await beforeCall('GetMetadata', 'spot/instance-action');
      return notice;
    },
    setTags: (newTags) => void (tags = { ...newTags }),
    setSpotInterruption: (newNotice) => void (notice = newNotice),
  };
}
