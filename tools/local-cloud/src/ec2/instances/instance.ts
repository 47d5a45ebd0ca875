export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'stopped' | 'terminated';

/** EC2's codes of the states. */
export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopped: 80,
};

/** The merged parameters of a launch and its template. */
export interface LaunchSpec {
  readonly imageId: string;
  readonly instanceType: string;
  readonly subnetId: string | undefined;
  /** Base64, as the client sent it. */
  readonly userData: string | undefined;
  /** The name of the instance profile. */
  readonly profile: string | undefined;
  readonly market: 'on-demand' | 'spot';
  /** Whether the instance is stopped or terminated when its process exits. */
  readonly shutdownBehavior: 'stop' | 'terminate';
  /** True if instance metadata includes the tags. */
  readonly metadataTags: boolean;
  /** For the instance. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface Instance {
  readonly id: string;
  readonly reservationId: string;
  /** The index in the launch, from 0. */
  readonly launchIndex: number;
  readonly clientToken: string | undefined;
  readonly spec: LaunchSpec;
  readonly subnetId: string;
  readonly zone: string;
  readonly privateIp: string;
  readonly launchedAtMs: number;
  /** When its process is due to start. */
  startsAtMs: number;
  readonly tags: Record<string, string>;
  state: InstanceState;
  /** The reason for the termination or stop. */
  stateReason: { code: string; message: string } | undefined;
  terminatedAtMs: number | undefined;
  /** When EC2 interrupts this Spot instance; undefined if there is no notice. */
  spotNotice: { action: string; atMs: number } | undefined;
}
