export interface FleetInstance {
  instanceId: string;
  /**
   * `launching` is EC2's pending, `stopping` its shutting-down and stopping. `stopped` is for ever unless it is
   * terminated: nothing of ours stops an instance, so its launch template has the wrong shutdown behaviour.
   */
  state: 'launching' | 'running' | 'stopping' | 'stopped' | 'terminated';
  launchedAt: Date;
  instanceType: string;
  market: 'on-demand' | 'spot';
  subnetId: string | undefined;
  tags: Readonly<Record<string, string>>;
  /** Why it ends or has ended, in EC2's words; absent while it does not. */
  stateReason?: { code: string; message: string };
}

/** What a version of a launch template says, as far as a fleet depends on it. What is undefined is EC2's default. */
export interface LaunchTemplateVersion {
  imageId: string | undefined;
  instanceType: string | undefined;
  /** Whether it asks for a type by its attributes, which RunInstances does not take. */
  instanceRequirements: boolean;
  market: string | undefined;
  shutdownBehavior: string | undefined;
  metadataEndpoint: string | undefined;
  metadataTags: string | undefined;
  networkInterfaces: number;
  terminationProtection: boolean;
  /** Keys of the tags that it gives to instances. */
  tagKeys: readonly string[];
}

export interface LaunchRequest {
  /** The same token with the same parameters launches once, however often it is sent (64 ASCII characters at most). */
  clientToken: string;
  /** At least one is launched, up to this many. */
  count: number;
  launchTemplateId: string;
  launchTemplateVersion: string;
  instanceType?: string;
  subnetId?: string;
  market: 'on-demand' | 'spot';
  /** For the instances and their volumes. */
  tags: Readonly<Record<string, string>>;
}

/**
 * What EC2 made of a launch. `launched` may hold fewer instances than asked for; it holds none where the token
 * has launched before and what it launched has ended. With anything else this call has launched nothing, and an
 * earlier one with its token may have. `no-capacity`: another type, zone or market may have room; `throttled`:
 * slower, please; `limit`: the account's quota; `refused`: EC2 does not launch this here, and will not for being
 * asked again; `not-authenticated`: it did not accept the credentials or the time of the signature.
 */
export type LaunchOutcome =
  | { kind: 'launched'; instances: FleetInstance[] }
  | { kind: 'no-capacity'; code: string; message: string }
  | { kind: 'throttled'; code: string; message: string }
  | { kind: 'limit'; code: string; message: string }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'not-authenticated'; code: string; message: string };

/**
 * What the scaler does to EC2. Launches, tags and terminations are tried once (F1), looks up to three times. A
 * failure not named here rejects with an `AwsCallError`.
 */
export interface Fleet {
  /** Resolves a launch template's name or id to its id and newest version number. */
  resolveLaunchTemplate(nameOrId: string): Promise<{ id: string; version: string }>;
  describeLaunchTemplate(template: { id: string; version: string }): Promise<LaunchTemplateVersion>;
  launch(request: LaunchRequest): Promise<LaunchOutcome>;
  /** Every instance with this tag that Describe shows, all pages; EC2 is eventually consistent. */
  list(tagKey: string, tagValue: string): Promise<FleetInstance[]>;
  /** `not-found` right after a launch or a terminate proves nothing. */
  tag(
    instanceId: string,
    tags: Readonly<Record<string, string>>,
  ): Promise<'tagged' | 'not-found' | 'throttled'>;
  terminate(instanceId: string): Promise<'terminating' | 'not-found' | 'throttled'>;
}
