import type { RivalWorker } from './rival.ts';

/**
 * As a ReplicaSet deletes pods: those that are not ready first, then the youngest
 * (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset).
 */
export const youngestFirst = (one: RivalWorker, other: RivalWorker): number =>
  Number(one.up) - Number(other.up) || other.launchedAt - one.launchedAt;

/**
 * As an Auto Scaling group with one launch template in one zone: the instance closest to its next billing hour
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html).
 */
export const nearestBillingHour = (
  one: RivalWorker,
  other: RivalWorker,
  nowSeconds: number,
): number => {
  const intoHour = ({ launchedAt }: RivalWorker) => (nowSeconds - launchedAt) % 3600;
  return intoHour(other) - intoHour(one);
};

/** Orders workers by idle time, the longest first and busy ones last. */
export const longestIdleFirst = (one: RivalWorker, other: RivalWorker): number =>
  Number(one.busy) - Number(other.busy) || other.idleSeconds - one.idleSeconds;
