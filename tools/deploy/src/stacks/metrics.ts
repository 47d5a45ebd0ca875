import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Role } from '../rights/policies.ts';

/** The defaults of METRICS_PORT. */
const PORTS: Readonly<Record<Role, number>> = { gateway: 9464, scaler: 9465, worker: 9466 };

/**
 * Lets Prometheus read the metrics of all roles.
 * @param sources IPv4 ranges and ids of security groups
 * @returns variables of all machines
 */
export function openMetrics(
  groups: Readonly<Record<Role, ec2.SecurityGroup>>,
  sources: readonly string[],
): Record<string, string> {
  if (sources.length === 0) return {};
  for (const role of Object.keys(PORTS) as Role[]) {
    for (const source of sources) {
      const peer = source.startsWith('sg-')
        ? ec2.Peer.securityGroupId(source)
        : ec2.Peer.ipv4(source);
      groups[role].addIngressRule(peer, ec2.Port.tcp(PORTS[role]), 'metrics');
    }
  }
  return { METRICS_HOST: '0.0.0.0' };
}
