import { EXIT, StartError } from '@labelfleet/runtime';
import type { Account } from '../aws/account.ts';
import type { Stacks } from '../aws/stacks.ts';
import type { Settings } from '../settings.ts';

/** The stack of `cdk bootstrap`, and the oldest version of it that is not replaced. */
const BOOTSTRAP_STACK = 'CDKToolkit';
const BOOTSTRAP_VERSION = 21;

export interface Findings {
  vcpuQuota: Readonly<Record<'on-demand' | 'spot', number>>;
  instanceTypes: ReadonlyMap<string, { vcpus: number; zones: string[] }>;
  hasSpotRole: boolean;
  /** Undefined if the account was never bootstrapped in this region. */
  bootstrapVersion: number | undefined;
}

export interface Verdict {
  /** What keeps the deployment from working, each with what to do. */
  faults: string[];
  bootstrap: boolean;
  createSpotRole: boolean;
}

/** Looks at the account. @throws StartError if there are no credentials */
export async function inspectAccount(
  { account, stacks }: { account: Account; stacks: Stacks },
  settings: Settings,
): Promise<Findings> {
  await account.identity().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `AWS does not know who is calling: ${reason}\nSet AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
      EXIT.unavailable,
      { cause: error },
    );
  });
  const { workerTypes, gatewayType, scalerType } = settings;
  const [onDemand, spot, instanceTypes, hasSpotRole, toolkit] = await Promise.all([
    account.vcpuQuota('on-demand'),
    account.vcpuQuota('spot'),
    account.instanceTypes([...new Set([...workerTypes, gatewayType, scalerType])]),
    account.hasSpotRole(),
    stacks.find(BOOTSTRAP_STACK),
  ]);
  const version = toolkit?.outputs['BootstrapVersion'];
  return {
    vcpuQuota: { 'on-demand': onDemand, spot },
    instanceTypes,
    hasSpotRole,
    bootstrapVersion: version === undefined ? undefined : Number(version),
  };
}

/** Decides whether a deployment would work, before anything is made. */
export function judge(settings: Settings, findings: Findings): Verdict {
  const { workerTypes, workerMarkets, gatewayType, scalerType, maxWorkers } = settings;
  const { instanceTypes, vcpuQuota } = findings;
  const types = [...new Set([...workerTypes, gatewayType, scalerType])];
  const absent = types.filter((type) => !instanceTypes.has(type));
  const inOneZone = types.filter((type) => instanceTypes.get(type)?.zones.length === 1);
  const vcpus = (type: string) => instanceTypes.get(type)?.vcpus ?? 0;
  const ofWorkers = maxWorkers * Math.max(...workerTypes.map(vcpus));
  const ofHosts = vcpus(gatewayType) + vcpus(scalerType);
  const needed = {
    'on-demand': ofHosts + (workerMarkets.includes('on-demand') ? ofWorkers : 0),
    spot: workerMarkets.includes('spot') ? ofWorkers : 0,
  };
  const quotaFaults = (['on-demand', 'spot'] as const)
    .filter((market) => vcpuQuota[market] < needed[market])
    .map(
      (market) =>
        `The account may have ${vcpuQuota[market]} vCPUs ${market}; ${maxWorkers} workers and the hosts may need ${needed[market]}. Lower --max-workers, or ask for more in Service Quotas (EC2, ${market === 'spot' ? 'All Standard Spot Instance Requests' : 'Running On-Demand Standard instances'}).`,
    );
  return {
    faults: [
      ...absent.map((type) => `The region has no ${type}. Choose another type.`),
      ...inOneZone.map((type) => `Only one zone has ${type}; two are used. Choose another type.`),
      ...quotaFaults,
    ],
    bootstrap: (findings.bootstrapVersion ?? 0) < BOOTSTRAP_VERSION,
    createSpotRole: workerMarkets.includes('spot') && !findings.hasSpotRole,
  };
}
