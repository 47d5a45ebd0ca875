export interface FleetInstance {
  instanceId: string;
  /**
   * `launching` is EC2's pending; `stopping` is its shutting-down and stopping. labelfleet never stops an instance,
   * so `stopped` means that its launch template has the wrong shutdown behaviour; it stays until it is terminated.
   */
  state: 'launching' | 'running' | 'stopping' | 'stopped' | 'terminated';
  launchedAt: Date;
  instanceType: string;
  market: 'on-demand' | 'spot';
  subnetId: string | undefined;
  /** EC2's own tags included. */
  tags: Readonly<Record<string, string>>;
  /** The launch template that it was launched from, and the number of its version. */
  template?: { id: string; version: string };
  /** EC2's reason for the end of the instance; absent while it launches or runs. */
  stateReason?: { code: string; message: string };
}

/** The fields of a launch template version that a fleet depends on. Undefined means EC2's default. */
export interface LaunchTemplateVersion {
  imageId: string | undefined;
  instanceType: string | undefined;
  /** Whether it selects the instance type by attributes, which RunInstances does not support. */
  instanceRequirements: boolean;
  market: string | undefined;
  shutdownBehavior: string | undefined;
  metadataEndpoint: string | undefined;
  metadataTags: string | undefined;
  networkInterfaces: number;
  terminationProtection: boolean;
  /** Keys of the tags that the template sets on instances. */
  tagKeys: readonly string[];
}

export interface LaunchRequest {
  /** Makes the launch idempotent: repeated calls with this token launch once. At most 64 ASCII characters. */
  clientToken: string;
  /** The most instances to launch; EC2 may launch fewer, at least one. */
  count: number;
  launchTemplateId: string;
  launchTemplateVersion: string;
  instanceType?: string;
  subnetId?: string;
  market: 'on-demand' | 'spot';
  /** Set on the instances and their volumes. */
  tags: Readonly<Record<string, string>>;
}

/**
 * The outcome of a launch.
 * - `launched`: possibly fewer instances than requested; none if the token launched before and those instances
 *   have terminated.
 * - `no-capacity`: another type, zone or market may have capacity.
 * - `throttled`: too many calls.
 * - `limit`: a quota of the account is reached.
 * - `refused`: EC2 rejects the request, and a retry does not help.
 * - `not-authenticated`: EC2 rejects the credentials or the time of the signature.
 *
 * With every outcome but `launched`, this call launched nothing; an earlier call with the same token may have.
 */
export type LaunchOutcome =
  | { kind: 'launched'; instances: FleetInstance[] }
  | { kind: 'no-capacity'; code: string; message: string }
  | { kind: 'throttled'; code: string; message: string }
  | { kind: 'limit'; code: string; message: string }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'not-authenticated'; code: string; message: string };

/**
 * The EC2 calls of the scaler. Launches, tags and terminations are tried once (F1), reads up to three times. A
 * failure that is not one of the outcomes rejects with an `AwsCallError`.
 */
export interface Fleet {
  /** Resolves the name or id of a launch template to its id and newest version number. */
  resolveLaunchTemplate(nameOrId: string): Promise<{ id: string; version: string }>;
  describeLaunchTemplate(template: { id: string; version: string }): Promise<LaunchTemplateVersion>;
  launch(request: LaunchRequest): Promise<LaunchOutcome>;
  /** All instances with this tag. EC2 is eventually consistent, so recent changes may be missing. */
  list(tagKey: string, tagValue: string): Promise<FleetInstance[]>;
  /** Right after a launch or a termination, `not-found` may be wrong: EC2 is eventually consistent. */
  tag(
    instanceId: string,
    tags: Readonly<Record<string, string>>,
  ): Promise<'tagged' | 'not-found' | 'throttled'>;
  terminate(instanceId: string): Promise<'terminating' | 'not-found' | 'throttled'>;
}
