import { parseEnvironment } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { connectAws, runAwsCommand } from './aws-command.ts';
import { parseOptions, USAGE } from './resubmit/options.ts';
import { resubmitRequest, type Resubmitted } from './resubmit/resubmit-request.ts';
import { useLocalStack } from './use-local-stack.ts';

const environment = z.object({
  AWS_REGION: z.string().default('us-east-1'),
  REQUEST_QUEUE_URL: z.url(),
  INPUT_BUCKET: z.string(),
  OUTPUT_BUCKET: z.string(),
});

await runAwsCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  return report(options.id, await resubmit(options.id));
});

async function resubmit(id: string): Promise<Resubmitted> {
  await useLocalStack(process.env, 'REQUEST_QUEUE_URL');
  const env = parseEnvironment(environment, process.env);
  using aws = connectAws(env);
  return await resubmitRequest(id, {
    input: aws.s3.store(env.INPUT_BUCKET),
    output: aws.s3.store(env.OUTPUT_BUCKET),
    requests: aws.sqs.queue(env.REQUEST_QUEUE_URL),
    now: Date.now,
    randomBytes,
  });
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
