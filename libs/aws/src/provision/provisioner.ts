/** What differs from SQS's defaults. */
export interface QueueSettings {
  visibilityTimeoutSeconds?: number;
  /** For how long a message is kept. */
  retentionSeconds?: number;
  /** Where a message goes at the receive that would be its `maxReceiveCount` + 1. */
  deadLetters?: { queueUrl: string; maxReceiveCount: number };
}

export interface LaunchTemplate {
  name: string;
  imageId: string;
  instanceType: string;
  /** As the instance reads it: plain text. */
  userData: string;
  instanceProfileName?: string;
}

/** Makes what the product runs on, for tests and local stacks. Repeating a call changes nothing. */
export interface Provisioner {
  /**
   * A queue, FIFO where its name ends in `.fifo`, and its URL. One that exists gets these settings. Rejects
   * when the name was deleted within the last 60 s.
   */
  createQueue(name: string, settings?: QueueSettings): Promise<string>;
  createBucket(name: string): Promise<void>;
  /**
   * A launch template whose instances can read their tags in metadata and terminate when they shut down.
   * One that exists gets a new version, which becomes the newest.
   */
  createLaunchTemplate(template: LaunchTemplate): Promise<{ id: string; name: string }>;
  /** Lets go of the sockets. */
  close(): void;
}
