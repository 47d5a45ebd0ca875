import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import { decodeJobMessage, encodeJobMessage, jobIdOf } from '@labelfleet/contracts';
import type { JobStore } from '@labelfleet/jobs';
import type { Logger } from '@labelfleet/runtime';
import type { Metrics } from '../metrics.ts';

export interface JobDeadLetterDeps {
  deadLetters: Pick<Queue, 'receive' | 'ack' | 'retryIn'>;
  batchQueue: Pick<Queue, 'send'>;
  jobs: Pick<JobStore, 'job' | 'summary'>;
  metrics: Pick<Metrics, 'deadLetter'>;
  log: Pick<Logger, 'warn' | 'error'>;
}

/** A short poll would ask only some of SQS's servers. */
const RECEIVE = { maxMessages: 10, waitSeconds: 1, visibilityTimeoutSeconds: 60 };
/** In one look. */
const MOST_RECEIVES = 10;
/** How long a message of another version stays invisible. */
const ASIDE_SECONDS = 3_600;

/**
 * Sends the dead letters of the batch queue again (J8), while there are any. If it is killed between send and delete,
 * the message is sent twice, which is harmless: a chunk that has its part is skipped.
 */
export async function resendJobDeadLetters(
  deps: JobDeadLetterDeps,
  signal: AbortSignal,
): Promise<void> {
  for (let receives = 0; receives < MOST_RECEIVES && !signal.aborted; receives++) {
    const messages = await deps.deadLetters.receive(RECEIVE, signal);
    await Promise.all(messages.map((message) => tryToHandle(message, deps)));
    if (messages.length < RECEIVE.maxMessages) return;
  }
}

/** Never rejects: a message that fails stays on the queue for later. */
async function tryToHandle(message: ReceivedMessage, deps: JobDeadLetterDeps): Promise<void> {
  try {
    await handle(message, deps);
  } catch (error) {
    deps.metrics.deadLetter('failed');
    const { messageId } = message;
    deps.log.error({ event: 'dead-letter.failed', messageId, error }, 'dead letter not handled');
  }
}

async function handle(message: ReceivedMessage, deps: JobDeadLetterDeps): Promise<void> {
  const { deadLetters, batchQueue, metrics, log } = deps;
  const { body, receipt, messageId } = message;
  const decoded = decodeJobMessage(body);
  if (decoded.kind === 'malformed') {
    // One that names a job is of another version, and is kept for a scaler of that version.
    const outcome = jobIdOf(body) === undefined ? 'malformed' : 'not-understood';
    log.error(
      { event: 'dead-letter.malformed', outcome, messageId, reason: decoded.reason },
      'dead letter of the batch queue is no message of a job',
    );
    if (outcome === 'malformed') await deadLetters.ack(receipt);
    else await deadLetters.retryIn(receipt, ASIDE_SECONDS);
    metrics.deadLetter(outcome);
    return;
  }
  const { job, type } = decoded.value;
  const outcome = (await isOpen(job, deps)) ? 'resend' : 'already-completed';
  if (outcome === 'resend') {
    const again = type === 'chunk' ? ({ ...decoded.value, resent: true } as const) : decoded.value;
    await batchQueue.send({ body: encodeJobMessage(again), attributes: message.attributes });
  }
  await deadLetters.ack(receipt);
  metrics.deadLetter(outcome);
  log.warn(
    { event: 'dead-letter.handled', job, outcome, messageId },
    'dead letter of the batch queue handled',
  );
}

async function isOpen(id: string, { jobs }: JobDeadLetterDeps): Promise<boolean> {
  return (await jobs.job(id)) !== undefined && (await jobs.summary(id)) === undefined;
}
