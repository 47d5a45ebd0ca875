/**
 * What an instance can read about itself (IMDSv2). Every method rejects with an `AwsCallError` when the service
 * cannot be reached.
 */
export interface InstanceMetadata {
  instanceId(): Promise<string>;
  /** Instance type and market: they determine the price. */
  machine(): Promise<{ type: string; market: 'on-demand' | 'spot' }>;
  /** The tags of the instance without those that AWS sets; needs `InstanceMetadataTags=enabled` in the launch template. */
  tags(): Promise<Record<string, string>>;
  /** The Spot interruption notice; null if there is none. */
  spotInterruption(): Promise<{ action: string; at: Date } | null>;
}
