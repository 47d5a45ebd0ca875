import { NEEDS, type Need } from './needs.ts';

/** The target of the suite. */
export interface Target {
  /** True: a local-cloud that the suite starts. False: the target of the SDK's variables. */
  readonly own: boolean;
  readonly has: ReadonlySet<Need>;
  readonly imageId: string;
}

/** The image that runs until it is told to end. */
export const STAYS = 'ami-stays';

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
