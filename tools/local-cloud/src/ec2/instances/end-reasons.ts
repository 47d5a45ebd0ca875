/** The reasons for which an instance ends, in EC2's words: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html */
export interface EndReason {
  readonly code: string;
  readonly message: string;
}

const reason = (code: string, words: string): EndReason => ({ code, message: `${code}: ${words}` });

export const USER_INITIATED = reason('Client.UserInitiatedShutdown', 'User initiated shutdown');
/** @param how how the instance's process ended, which EC2 itself does not report */
export const instanceInitiated = (how: string | undefined): EndReason =>
  reason(
    'Client.InstanceInitiatedShutdown',
    `Instance initiated shutdown${how === undefined ? '' : ` (its process ${how})`}`,
  );
export const FOUND_ENDED = reason(
  'Client.InstanceInitiatedShutdown',
  'The process of the instance ended while local-cloud was not running',
);
export const SPOT_TERMINATION = reason(
  'Server.SpotInstanceTermination',
  'Spot instance termination',
);

/** The codes of launches that EC2 accepted and that failed before the instance ran. */
export const LAUNCH_FAILURES = [
  'Client.InternalError',
  'Client.InvalidSnapshot.NotFound',
  'Client.VolumeLimitExceeded',
  'Server.InsufficientInstanceCapacity',
  'Server.InternalError',
] as const;
export type LaunchFailure = (typeof LAUNCH_FAILURES)[number];

const WORDS: Readonly<Record<LaunchFailure, string>> = {
  'Client.InternalError': 'Client error on launch',
  'Client.InvalidSnapshot.NotFound': 'The specified snapshot was not found',
  'Client.VolumeLimitExceeded': 'Volume limit exceeded',
  'Server.InsufficientInstanceCapacity': 'Insufficient capacity to satisfy instance request',
  'Server.InternalError': 'Internal error on launch',
};
export const launchFailed = (code: LaunchFailure): EndReason => reason(code, WORDS[code]);
