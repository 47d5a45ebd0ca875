import type { Queue } from '@labelfleet/aws/queue';
import { readJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  decodeImageMetadata,
  encodeImageMetadata,
  encodeRequestMessage,
  imageKey,
  imagePrefix,
  makeRequestId,
  requestIdTime,
  resultKey,
  storedResultCodec,
  PROBLEMS,
  requestOptionsSchema,
  resultInShort,
} from '@labelfleet/contracts';

export interface ResubmitDeps {
  input: Pick<ObjectStore, 'list' | 'get' | 'put'>;
  output: Pick<ObjectStore, 'get'>;
  requests: Pick<Queue, 'send'>;
  /** Unix milliseconds. */
  now: () => number;
  randomBytes: (count: number) => Uint8Array;
}

export type Resubmitted =
  | { kind: 'resubmitted'; requestId: string; problem: string }
  | { kind: 'no-such-request' }
  | { kind: 'not-completed' }
  | { kind: 'succeeded'; label: string }
  | { kind: 'image-gone' };

/**
 * Resubmits the image of a failed request as a new request with a copy of the image. The old request and its result
 * do not change. No gateway waits for the new request; its result is found by its id.
 * @throws AwsCallError if a call failed; the new request is not accepted in that case
 * @throws MalformedObjectError if the stored result does not have the expected form
 */
export async function resubmitRequest(id: string, deps: ResubmitDeps): Promise<Resubmitted> {
  const { input, output, requests, now, randomBytes } = deps;
  const [stored, [oldKey]] = await Promise.all([
    readJson(output, resultKey(id), storedResultCodec),
    input.list(imagePrefix(id), 1),
  ]);
  if (stored === undefined)
    return { kind: oldKey === undefined ? 'no-such-request' : 'not-completed' };
  const result = stored.value;
  if (result.status === 'succeeded') return { kind: 'succeeded', label: resultInShort(result) };
  const image = oldKey === undefined ? null : await input.get(oldKey);
  if (image === null) return { kind: 'image-gone' };

  const requestId = makeRequestId(now(), randomBytes(10));
  const key = imageKey(requestId, result.fileName ?? '');
  // The new request has neither the deadline nor the reply queue of the old one.
  const carriedOver = requestOptionsSchema.parse({
    ...decodeImageMetadata(image.metadata),
    fileName: result.fileName,
    deadlineAt: undefined,
  });
  await input.put(key, image.body, {
    contentType: image.contentType ?? 'application/octet-stream',
    metadata: encodeImageMetadata(carriedOver),
  });
  await requests.send({
    body: encodeRequestMessage({
      v: 1,
      requestId,
      imageKey: key,
      ...carriedOver,
      submittedAt: requestIdTime(requestId).toISOString(),
    }),
    groupId: requestId,
    deduplicationId: requestId,
  });
  return {
    kind: 'resubmitted',
    requestId,
    problem: result.status === 'failed' ? result.problem.title : PROBLEMS.canceled.title,
  };
}
