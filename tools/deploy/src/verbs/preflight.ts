import { EXIT, StartError } from '@labelfleet/runtime';
import { isIP } from 'node:net';
import type { Account } from '../aws/account.ts';
import type { Stacks } from '../aws/stacks.ts';
import type { Settings } from '../settings.ts';
import { domainFaults, type Resolved } from './domain.ts';
import { runStack } from './names.ts';

/** The stack of `cdk bootstrap`, and the oldest version of it that is not replaced. */
const BOOTSTRAP_STACK = 'CDKToolkit';
const BOOTSTRAP_VERSION = 21;

export interface Findings {
  region: string;
  vcpuQuota: Readonly<Record<'on-demand' | 'spot', number>>;
  instanceTypes: ReadonlyMap<string, { vcpus: number; zones: string[] }>;
  hasSpotRole: boolean;
  /** What keeps the certificate of --domain from being issued. */
  domainFaults: readonly string[];
  /** Undefined if the account was never bootstrapped in this region. */
  bootstrapVersion: number | undefined;
}

export interface Verdict {
  /** What keeps the deployment from working, each with what to do. */
  faults: string[];
  bootstrap: boolean;
  createSpotRole: boolean;
}

export interface InspectDeps {
  region: string;
  account: Account;
  stacks: Stacks;
  resolve: (name: string) => Promise<Resolved>;
}

/** Looks at the account. @throws StartError if there are no credentials */
export async function inspectAccount(
  { region, account, stacks, resolve }: InspectDeps,
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
  const { fleet, workerTypes, gatewayType, scalerType } = settings;
  const [onDemand, spot, instanceTypes, hasSpotRole, toolkit, run] = await Promise.all([
    account.vcpuQuota('on-demand'),
    account.vcpuQuota('spot'),
    account.instanceTypes([...new Set([...workerTypes, gatewayType, scalerType])]),
    account.hasSpotRole(),
    stacks.find(BOOTSTRAP_STACK),
    stacks.find(runStack(fleet)),
  ]);
  const version = toolkit?.outputs['BootstrapVersion'];
  return {
    region,
    vcpuQuota: { 'on-demand': onDemand, spot },
    instanceTypes,
    hasSpotRole,
    // Before the first deployment there is no address that the name could have.
    domainFaults: await findDomainFaults(settings, run?.outputs['PublicAddress'], resolve),
    bootstrapVersion: version === undefined ? undefined : Number(version),
  };
}

/** @param address undefined: the deployment has none yet */
export async function findDomainFaults(
  { domain, certificateArn }: Pick<Settings, 'domain' | 'certificateArn'>,
  address: string | undefined,
  resolve: InspectDeps['resolve'],
): Promise<string[]> {
  // A load balancer has its certificate, whatever its name resolves to, and no address of its own.
  if (domain === undefined || certificateArn !== undefined || isIP(address ?? '') === 0) return [];
  return domainFaults(domain, address ?? '', await resolve(domain));
}

/** Decides whether a deployment would work, before anything is made. */
export function judge(settings: Settings, findings: Findings): Verdict {
  const { workerTypes, workerMarkets, gatewayType, scalerType, maxWorkers } = settings;
  const [, , , certificateRegion = findings.region] = settings.certificateArn?.split(':') ?? [];
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
      ...(certificateRegion === findings.region
        ? []
        : [
            `The certificate is in ${certificateRegion}. A load balancer in ${findings.region} needs one of ${findings.region}.`,
          ]),
      ...findings.domainFaults,
    ],
    bootstrap: (findings.bootstrapVersion ?? 0) < BOOTSTRAP_VERSION,
    createSpotRole: workerMarkets.includes('spot') && !findings.hasSpotRole,
  };
}
