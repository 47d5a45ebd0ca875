import { parseEnvironment } from '@labelfleet/runtime';
import * as z from 'zod';
import { connectAws, runAwsCommand } from './aws-command.ts';
import { useLocalStack } from './use-local-stack.ts';
import { withDeadLetters } from './webhooks/dead-letters.ts';
import { listLines, readRecords } from './webhooks/list.ts';
import { parseOptions, USAGE, type Options } from './webhooks/options.ts';
import { replay } from './webhooks/replay.ts';

const environment = z.object({
  AWS_REGION: z.string().default('us-east-1'),
  WEBHOOK_QUEUE_URL: z.url(),
  WEBHOOK_DEAD_LETTER_QUEUE_URL: z.url(),
  STATE_BUCKET: z.string(),
});

await runAwsCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options !== 'help') return await run(options);
  process.stdout.write(`${USAGE}\n`);
  return 0;
});

/** @returns the exit code: 1 if a webhook was not found */
async function run(options: Exclude<Options, 'help'>): Promise<number> {
  await useLocalStack(process.env, 'WEBHOOK_QUEUE_URL');
  const env = parseEnvironment(environment, process.env);
  using aws = connectAws(env);
  const outbox = aws.sqs.queue(env.WEBHOOK_QUEUE_URL);
  const deadLetters = aws.sqs.queue(env.WEBHOOK_DEAD_LETTER_QUEUE_URL);
  const state = aws.s3.store(env.STATE_BUCKET);
  const print = (lines: string[]) =>
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  if (options.command === 'list') {
    const [records, { visible, inFlight }] = [await readRecords(state), await outbox.depth()];
    print(await withDeadLetters(deadLetters, async (letters) => listLines(records, letters)));
    process.stderr.write(`On the outbox queue: ${visible} to send, ${inFlight} sent or waiting.\n`);
    return 0;
  }
  const { ids } = options;
  const deps = { outbox, deadLetters, state };
  const replayed = await withDeadLetters(deadLetters, (letters) => replay(letters, ids, deps));
  print(replayed);
  const missing = ids === 'all' ? [] : ids.filter((id) => !replayed.includes(id));
  for (const id of missing) process.stderr.write(`${id}: not in the dead-letter queue.\n`);
  return missing.length === 0 ? 0 : 1;
}
