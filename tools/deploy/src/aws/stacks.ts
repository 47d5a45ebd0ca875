import {
  CloudFormationClient,
  CloudFormationServiceException,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';

export interface Stack {
  status: string;
  outputs: Readonly<Record<string, string>>;
}

/** CloudFormation, as far as the commands use it. */
export interface Stacks {
  /** Undefined if there is no such stack. */
  find(name: string): Promise<Stack | undefined>;
  /** Also of a stack that is protected. Resolves when it is gone; does nothing if there is none. */
  delete(name: string): Promise<void>;
}

/** Deleting a VPC may wait for network interfaces. */
const DELETE_SECONDS = 1800;

export function connectStacks(region: string): Stacks {
  const client = new CloudFormationClient({ region });
  const find = async (StackName: string): Promise<Stack | undefined> => {
    try {
      const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
      if (stack?.StackStatus === undefined) return undefined;
      return {
        status: stack.StackStatus,
        outputs: Object.fromEntries(
          (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
            OutputKey,
            OutputValue,
          ]),
        ),
      };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  };
  return {
    find,
    async delete(StackName) {
      if ((await find(StackName)) === undefined) return;
      await client.send(
        new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }),
      );
      await client.send(new DeleteStackCommand({ StackName }));
      await waitUntilStackDeleteComplete({ client, maxWaitTime: DELETE_SECONDS }, { StackName });
    },
  };
}

const isAbsent = (error: unknown): boolean =>
  error instanceof CloudFormationServiceException &&
  error.name === 'ValidationError' &&
  error.message.includes('does not exist');
