import { AwsCallError } from '@labelfleet/aws/errors';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import {
  EXIT,
  explain,
  isSystemError,
  parseEnvironment,
  readWorkspace,
  runCommand,
  StartError,
} from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import * as z from 'zod';
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
      `Not sent, because ${error.operation} failed: ${explain(error)}`,
      EXIT.unavailable,
      { cause: error },
    );
  }
});

async function resubmit(id: string): Promise<Resubmitted> {
  await useLocalStack(process.env);
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

/**
 * Where no queue is named, takes what npm start has left for clients of its local cloud, if it runs. All of it,
 * whatever was set: credentials and an address of elsewhere do not go together with its queues.
 * @param env the process's own variables, which are changed: the AWS SDK reads them
 */
async function useLocalStack(env: NodeJS.ProcessEnv): Promise<void> {
  if (env['REQUEST_QUEUE_URL']) return;
  const { localEnvFile } = readWorkspace(env);
  try {
    Object.assign(env, parseEnv(await readFile(localEnvFile, 'utf8')));
    // It would make the SDK pass over the credentials.
    delete env['AWS_PROFILE'];
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const why =
      error.code === 'ENOENT' ? 'Is npm start running with this data folder?' : explain(error);
    throw new StartError(
      `REQUEST_QUEUE_URL is not set, and ${localEnvFile} cannot be read. ${why}`,
      EXIT.config,
      { cause: error },
    );
  }
}
