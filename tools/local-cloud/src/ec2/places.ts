/** The network that every account has here: one subnet in each of three zones. */
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
