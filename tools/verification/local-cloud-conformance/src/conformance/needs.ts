/** The properties that a case can require of its target. local-cloud has all of them. */
export const NEEDS = {
  exact: 'counts that are exact at once, and receives that find every message, the oldest first',
  instances: 'an image that may be launched (CONFORMANCE_IMAGE_ID)',
  processes: 'instances that are processes on this host',
  local: 'local-cloud itself: its addresses, calls without a signature, what it answers with 501',
} as const;

export type Need = keyof typeof NEEDS;
