import { AwsCallError } from '@labelfleet/aws/errors';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import { EXIT, parseEnvironment, StartError } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { parseOptions, USAGE } from './resubmit/options.ts';
import { resubmitRequest, type Resubmitted } from './resubmit/resubmit-request.ts';

const environment = z.object({
  AWS_REGION: z.string().default('us-east-1'),
  REQUEST_QUEUE_URL: z.url(),
  INPUT_BUCKET: z.string(),
  OUTPUT_BUCKET: z.string(),
});

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(`${USAGE}\n`);
  else process.exitCode = report(options.id, await resubmit(options.id));
} catch (error) {
  const failure = asFailure(error);
  process.stderr.write(`${failure.message}\n`);
  process.exitCode = failure.exitCode;
}

async function resubmit(id: string): Promise<Resubmitted> {
  const localEnv = join('.labelfleet', 'local.env');
  if (process.env.REQUEST_QUEUE_URL === undefined && existsSync(localEnv))
    process.loadEnvFile(localEnv);
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

/** @returns the exit code: 1 where there is nothing to send again */
function report(id: string, outcome: Resubmitted): number {
  if (outcome.kind === 'resubmitted') {
    const { requestId } = outcome;
    process.stdout.write(`${requestId}\t/v1/classifications/${requestId}\n`);
    return 0;
  }
  process.stderr.write(`${id}: ${whyNot(outcome)}\n`);
  return 1;
}

function whyNot(outcome: Exclude<Resubmitted, { kind: 'resubmitted' }>): string {
  switch (outcome.kind) {
    case 'no-such-request':
      return 'There is no such request.';
    case 'not-settled':
      return 'It is not settled yet: only a failed request is sent again.';
    case 'succeeded':
      return `It succeeded (${outcome.label}): only a failed request is sent again.`;
    case 'image-gone':
      return 'Its image is gone from the input bucket: upload it again.';
  }
}

function asFailure(error: unknown): StartError {
  if (error instanceof StartError) return error;
  if (error instanceof AwsCallError)
    return new StartError(`Not sent: ${error.message}`, EXIT.unavailable, { cause: error });
  throw error;
}
