import { AwsCallError } from '@labelfleet/aws/errors';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import { EXIT, explain, runCommand, StartError } from '@labelfleet/runtime';

/** Runs a command that calls AWS as a process. A failed call is said in one line. */
export const runAwsCommand = (run: () => Promise<number>): Promise<void> =>
  runCommand(async () => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error;
      throw new StartError(`${error.operation} failed: ${explain(error)}`, EXIT.unavailable, {
        cause: error,
      });
    }
  });

/** Connects to queues and buckets. Disposing of it closes the connections. */
export function connectAws({ AWS_REGION: region }: { AWS_REGION: string }) {
  const [sqs, s3] = [connectSqs({ region }), connectS3({ region })];
  return {
    sqs,
    s3,
    [Symbol.dispose]() {
      sqs.close();
      s3.close();
    },
  };
}
