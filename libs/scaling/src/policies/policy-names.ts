/** The names that policies are configured with. */
export const POLICY_NAMES = ['deadline', 'per-message', 'backlog-per-worker'] as const;

export type PolicyName = (typeof POLICY_NAMES)[number];
