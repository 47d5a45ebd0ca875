import type { TestCloud } from '@labelfleet/aws/testing';
import {
  decodeRequestMessage,
  encodeReplyMessage,
  encodeStoredResult,
  resultKey,
  type RequestMessage,
} from '@labelfleet/contracts';
import { succeeded } from './results.ts';

interface Surroundings {
  requestQueueUrl: string;
  inputBucket: string;
  outputBucket: string;
  /** The label that the request's result gets. */
  labelOf?: (request: RequestMessage) => string;
}

/**
 * Handles one request as a worker does: stores its result, replies and deletes the message. For a resent message it
 * first reads whether the request has a result (P4).
 * @param signal ends the wait for a request
 */
export async function completeNext(
  cloud: Pick<TestCloud, 'sqs' | 's3'>,
  { requestQueueUrl, inputBucket, outputBucket, labelOf }: Surroundings,
  signal?: AbortSignal,
) {
  const queue = cloud.sqs.queue(requestQueueUrl);
  const [message] = await queue.receive(
    { maxMessages: 1, waitSeconds: 20, visibilityTimeoutSeconds: 30 },
    signal,
  );
  const decoded = decodeRequestMessage(message?.body ?? '');
  if (message === undefined || decoded.kind === 'malformed')
    throw new Error('no request was received');
  const request = decoded.value;
  const image = await cloud.s3.store(inputBucket).get(request.imageKey);
  const results = cloud.s3.store(outputBucket);
  const key = resultKey(request.requestId);
  // All messages of a request give the same result, so any of them may reply.
  const label = labelOf && { label: labelOf(request) };
  const result = succeeded({ id: request.requestId, ...label });
  const isCompleted = request.resent === true && (await results.head(key)) !== null;
  if (!isCompleted)
    await results.put(key, encodeStoredResult(result), {
      contentType: 'application/json',
      onlyIf: 'absent',
    });
  const reply = { body: encodeReplyMessage({ v: 1, result }) };
  const replied = await cloud.sqs.sender.send(request.replyTo ?? '', reply);
  await queue.ack(message.receipt);
  return { request, image, replied };
}
