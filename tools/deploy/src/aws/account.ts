import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateServiceLinkedRoleCommand,
  GetRoleCommand,
  IAMClient,
  NoSuchEntityException,
} from '@aws-sdk/client-iam';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/** What an account has and may do, as far as a deployment depends on it. */
export interface Account {
  /** @throws if there are no credentials */
  identity(): Promise<{ account: string; arn: string }>;
  /** vCPUs that instances of standard types may have together. */
  vcpuQuota(market: 'on-demand' | 'spot'): Promise<number>;
  /** vCPUs of each type that the region offers, and the zones that have it. */
  instanceTypes(
    types: readonly string[],
  ): Promise<ReadonlyMap<string, { vcpus: number; zones: string[] }>>;
  hasSpotRole(): Promise<boolean>;
  /** Needed once an account, before its first Spot instance. */
  createSpotRole(): Promise<void>;
}

const QUOTA_CODES = { 'on-demand': 'L-1216C47A', spot: 'L-34B43A08' } as const;

export function connectAccount(region: string): Account {
  const sts = new STSClient({ region });
  const quotas = new ServiceQuotasClient({ region });
  const ec2 = new EC2Client({ region });
  const iam = new IAMClient({ region });
  return {
    async identity() {
      const { Account: account = '', Arn: arn = '' } = await sts.send(
        new GetCallerIdentityCommand({}),
      );
      return { account, arn };
    },
    async vcpuQuota(market) {
      const { Quota } = await quotas.send(
        new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: QUOTA_CODES[market] }),
      );
      return Quota?.Value ?? 0;
    },
    async instanceTypes(types) {
      const Filters = [{ Name: 'instance-type', Values: [...types] }];
      const { InstanceTypeOfferings = [] } = await ec2.send(
        new DescribeInstanceTypeOfferingsCommand({ LocationType: 'availability-zone', Filters }),
      );
      const { InstanceTypes = [] } = await ec2.send(
        // A filter, because a name that the region does not have would be an error.
        new DescribeInstanceTypesCommand({ Filters }),
      );
      return new Map(
        InstanceTypes.map(({ InstanceType = '', VCpuInfo }) => [
          InstanceType,
          {
            vcpus: VCpuInfo?.DefaultVCpus ?? 0,
            zones: InstanceTypeOfferings.flatMap((offer) =>
              offer.InstanceType === InstanceType && offer.Location !== undefined
                ? [offer.Location]
                : [],
            ),
          },
        ]),
      );
    },
    async hasSpotRole() {
      try {
        await iam.send(new GetRoleCommand({ RoleName: 'AWSServiceRoleForEC2Spot' }));
        return true;
      } catch (error) {
        if (error instanceof NoSuchEntityException) return false;
        throw error;
      }
    },
    async createSpotRole() {
      await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'spot.amazonaws.com' }));
    },
  };
}
