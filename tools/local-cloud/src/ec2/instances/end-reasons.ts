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
export const LAUNCH_FAILED = reason('Server.InternalError', 'Internal error on launch');
