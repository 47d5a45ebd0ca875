import { ApiError } from '../api-error.ts';

/** The network of the account: one subnet in each of three zones. */
export interface Subnet {
  readonly id: string;
  readonly zone: string;
  /** `172.31.N.0/24` */
  readonly network: number;
}

export const VPC_ID = 'vpc-00000000000000001';

export function subnetsOf(region: string): readonly Subnet[] {
  return ['a', 'b', 'c'].map((letter, index) => ({
    id: `subnet-0000000000000000${letter}`,
    zone: `${region}${letter}`,
    network: index,
  }));
}

/**
 * Returns the subnet with this id; without an id, the subnets take turns.
 * @param turn the number of instances launched before
 * @throws ApiError if there is no such subnet
 */
export function subnetFor(region: string, id: string | undefined, turn: number): Subnet {
  const subnets = subnetsOf(region);
  const subnet =
    id === undefined
      ? subnets[turn % subnets.length]
      : subnets.find((candidate) => candidate.id === id);
  if (subnet !== undefined) return subnet;
  throw new ApiError(
    'InvalidSubnetID.NotFound',
    `The subnet ID '${id}' does not exist (DescribeSubnets names those that do)`,
  );
}
