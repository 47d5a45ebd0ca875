export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'stopped' | 'terminated';

/** EC2's numbers for them. */
export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopped: 80,
};

/** What a launch asks for, its template and its parameters put together. */
export interface LaunchSpec {
  readonly imageId: string;
  readonly instanceType: string;
  readonly subnetId: string | undefined;
  /** As given: Base64. */
  readonly userData: string | undefined;
  /** Name of the instance profile. */
  readonly profile: string | undefined;
  readonly market: 'on-demand' | 'spot';
  /** What becomes of the instance when it ends by itself. */
  readonly shutdownBehavior: 'stop' | 'terminate';
  /** Whether the instance sees its tags in metadata. */
  readonly metadataTags: boolean;
  /** For the instance. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface Instance {
  readonly id: string;
  readonly reservationId: string;
  /** Its place in the launch, from 0. */
  readonly launchIndex: number;
  readonly clientToken: string | undefined;
  readonly spec: LaunchSpec;
  readonly subnetId: string;
  readonly zone: string;
  readonly privateIp: string;
  readonly launchedAtMs: number;
  /** When its machine is to be started. */
  startsAtMs: number;
  readonly tags: Record<string, string>;
  state: InstanceState;
  /** Why it is being or was terminated, or stopped. */
  stateReason: { code: string; message: string } | undefined;
  terminatedAtMs: number | undefined;
  /** When EC2 takes this Spot instance back; undefined while there is no notice. */
  spotNotice: { action: string; atMs: number } | undefined;
}
