import { STAYS } from '@labelfleet/testkit/use-local-cloud';

/** The properties that a case can require of its target. local-cloud has all of them. */
export const NEEDS = {
  exact: 'counts that are exact at once, and receives that find every message, the oldest first',
  instances: 'an image that may be launched (CONFORMANCE_IMAGE_ID)',
  processes: 'instances that are processes on this host',
  local: 'local-cloud itself: its addresses, calls without a signature, what it answers with 501',
} as const;

export type Need = keyof typeof NEEDS;

/** The target of the suite. */
export interface Target {
  /** True: a local-cloud that the suite starts. False: the target of the SDK's variables. */
  readonly own: boolean;
  readonly has: ReadonlySet<Need>;
  readonly imageId: string;
}

/**
 * `CONFORMANCE_TARGET=aws` selects the target of the SDK's standard variables (AWS_ENDPOINT_URL, or AWS); it is
 * explicit because AWS costs money. `CONFORMANCE_HAS` lists the needs that the target has, separated by commas.
 */
export function targetOf(env: Readonly<Record<string, string | undefined>>): Target {
  const all = Object.keys(NEEDS) as Need[];
  if (env['CONFORMANCE_TARGET'] !== 'aws') return { own: true, has: new Set(all), imageId: STAYS };
  const imageId = env['CONFORMANCE_IMAGE_ID'];
  const said = (env['CONFORMANCE_HAS'] ?? '').split(',');
  const has = all.filter(
    (need) => said.includes(need) || (need === 'instances' && imageId !== undefined),
  );
  return { own: false, has: new Set(has), imageId: imageId ?? '' };
}
