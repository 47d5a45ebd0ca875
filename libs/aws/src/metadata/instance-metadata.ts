/**
 * What an instance can learn of itself (IMDSv2). Every method rejects with an `AwsCallError` when the
 * service cannot be reached.
 */
export interface InstanceMetadata {
  instanceId(): Promise<string>;
  /** What is paid for. */
  machine(): Promise<{ type: string; market: 'on-demand' | 'spot' }>;
  /** The instance's own tags; needs `InstanceMetadataTags=enabled` in the launch template. */
  tags(): Promise<Record<string, string>>;
  /** When EC2 is about to take this Spot instance back; null while there is no notice. */
  spotInterruption(): Promise<{ action: string; at: Date } | null>;
}
