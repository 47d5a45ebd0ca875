import { NEEDS, type Need } from './needs.ts';

/** Where the suite runs. */
export interface Target {
  /** True: a local-cloud of its own. False: what the SDK's own variables name. */
  readonly own: boolean;
  readonly has: ReadonlySet<Need>;
  readonly imageId: string;
}

/** The image that runs until it is told to end. */
export const STAYS = 'ami-stays';

/**
 * `CONFORMANCE_TARGET=aws` points the suite at what the SDK's standard variables name (AWS_ENDPOINT_URL, or
 * AWS itself); it must be said, since it costs money there. `CONFORMANCE_HAS` names what that target has of
 * NEEDS, separated by commas.
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
