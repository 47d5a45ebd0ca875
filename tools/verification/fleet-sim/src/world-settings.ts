import type { ApiSettings, BootSettings, WorldSettings } from './types.ts';

/** Settings of a world that differ from the defaults. */
export type WorldChanges = Partial<Omit<WorldSettings, 'boot' | 'api'>> & {
  boot?: Partial<BootSettings>;
  api?: Partial<ApiSettings>;
};

/**
 * EC2 in us-east-1 on a good day. Boots: median 42 s and 95th percentile 75 s, so the spread is
 * ln(75 / 42) / 1.645. The launch bucket is the documented one of RunInstances: 1,000 instances, 2 a second.
 * The price is of 2026-07-20. A worker has two cores and works on two images at once.
 */
const USUAL: WorldSettings = {
  slots: 2,
  threads: 2,
  gatewaySeconds: 0,
  overheadSeconds: 0,
  pollSeconds: 5,
  visibilityTimeoutSeconds: 30,
  boot: {
    medianSeconds: 42,
    logSpread: Math.log(75 / 42) / 1.645,
    slowShare: 0,
    slowFactor: 3,
    failedShare: 0,
  },
  api: {
    launchTokens: 1000,
    launchTokensPerSecond: 2,
    throttledShare: 0,
    errorShare: 0,
    listingLagSeconds: 2,
    endingSeconds: 30,
    countLagSeconds: 1,
    reportLagSeconds: 0.2,
  },
  droughts: [],
  killsPerHour: 0,
  spotInterruptionsPerHour: 0,
  billing: { instanceType: 'c7g.large', usdPerHour: 0.0725, minimumSeconds: 60 },
  minWorkers: 0,
  maxWorkers: 20,
  targetWaitSeconds: 10,
  tickSeconds: 2,
};

export const aWorld = ({ boot, api, ...others }: WorldChanges = {}): WorldSettings => ({
  ...USUAL,
  ...others,
  boot: { ...USUAL.boot, ...boot },
  api: { ...USUAL.api, ...api },
});
