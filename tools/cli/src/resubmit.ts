import { AwsCallError } from '@labelfleet/aws/errors';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import { EXIT, explain, parseEnvironment, runCommand, StartError } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { useLocalStack } from './use-local-stack.ts';
import { parseOptions, USAGE } from './resubmit/options.ts';
import { resubmitRequest, type Resubmitted } from './resubmit/resubmit-request.ts';

const environment = z.object({
  AWS_REGION: z.string().default('us-east-1'),
  REQUEST_QUEUE_URL: z.url(),
  INPUT_BUCKET: z.string(),
  OUTPUT_BUCKET: z.string(),
});

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  try {
    return report(options.id, await resubmit(options.id));
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    throw new StartError(
      `The request was not sent because ${error.operation} failed: ${explain(error)}`,
      EXIT.unavailable,
      { cause: error },
    );
  }
});

async function resubmit(id: string): Promise<Resubmitted> {
  await useLocalStack(process.env, 'REQUEST_QUEUE_URL');
  const env = parseEnvironment(environment, process.env);
  const sqs = connectSqs({ region: env.AWS_REGION });
  const s3 = connectS3({ region: env.AWS_REGION });
  try {
    return await resubmitRequest(id, {
      input: s3.store(env.INPUT_BUCKET),
      output: s3.store(env.OUTPUT_BUCKET),
      requests: sqs.queue(env.REQUEST_QUEUE_URL),
      now: Date.now,
      randomBytes,
    });
  } finally {
    sqs.close();
    s3.close();
  }
}

/** @returns the exit code: 1 if the request was not resubmitted */
function report(id: string, outcome: Resubmitted): number {
  if (outcome.kind === 'resubmitted') {
    const { requestId } = outcome;
    process.stdout.write(`${requestId}\t/v1/classifications/${requestId}\n`);
    return 0;
  }
  process.stderr.write(`${id}: ${refusalText(outcome)}\n`);
  return 1;
}

function refusalText(outcome: Exclude<Resubmitted, { kind: 'resubmitted' }>): string {
  switch (outcome.kind) {
    case 'no-such-request':
      return 'There is no request with this id.';
    case 'not-completed':
      return 'The request is not completed yet. Only failed requests can be resubmitted.';
    case 'succeeded':
      return `The request succeeded (${outcome.label}). Only failed requests can be resubmitted.`;
    case 'image-gone':
      return 'The image is not in the input bucket any more. Upload it again.';
  }
}
