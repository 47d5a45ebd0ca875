/** Queue attributes that differ from SQS's defaults. */
export interface QueueSettings {
  visibilityTimeoutSeconds?: number;
  /** How long SQS keeps a message. */
  retentionSeconds?: number;
  /** The queue that a message moves to instead of being received more than `maxReceiveCount` times. */
  deadLetters?: { queueUrl: string; maxReceiveCount: number };
}

export interface LaunchTemplate {
  name: string;
  imageId: string;
  instanceType: string;
  /** Plain text; the provisioner encodes it. */
  userData: string;
  instanceProfileName?: string;
}

/** Creates the AWS resources that labelfleet needs, for tests and local stacks. Every call is idempotent. */
export interface Provisioner {
  /**
   * Creates a queue (FIFO if its name ends in `.fifo`) and resolves with its URL. An existing queue gets these
   * settings. Rejects when a queue of this name was deleted within the last 60 s.
   */
  createQueue(name: string, settings?: QueueSettings): Promise<string>;
  createBucket(name: string): Promise<void>;
  /**
   * Creates a launch template whose instances can read their tags in metadata and terminate when they shut down.
   * An existing template gets a new version.
   */
  createLaunchTemplate(template: LaunchTemplate): Promise<{ id: string; name: string }>;
  /** Closes the sockets. */
  close(): void;
}
