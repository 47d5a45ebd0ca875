import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';

/** Auto Scaling groups, as far as the commands use them. */
export interface Groups {
  /** Ends the group's instances and launches no others. */
  stop(name: string): Promise<void>;
  /** The instances that have not ended yet. */
  size(name: string): Promise<number>;
}

export function connectGroups(region: string): Groups {
  const client = new AutoScalingClient({ region });
  return {
    async stop(AutoScalingGroupName) {
      const none = { MinSize: 0, DesiredCapacity: 0 };
      await client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...none }));
    },
    async size(name) {
      const { AutoScalingGroups: [group] = [] } = await client.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
      );
      return group?.Instances?.length ?? 0;
    },
  };
}
