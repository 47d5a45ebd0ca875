import type { Queue } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';

interface Needed {
  input: Pick<ObjectStore, 'put'>;
  output: Pick<ObjectStore, 'get'>;
  state: Pick<ObjectStore, 'put'>;
  requests: Pick<Queue, 'checkSend'>;
}

/**
 * One check for each dependency of a POST. Each makes the call that a POST makes, because a bucket may be readable but
 * not writable, and a queue may report its depth but accept no messages.
 */
export function reachability({ input, output, state, requests }: Needed) {
  return {
    'the input bucket': () => tryToPut(input, 'readiness'),
    'the output bucket': () => output.get('readiness'),
    'the state bucket': () => tryToPut(state, 'idempotency/readiness'),
    'the request queue': () => requests.checkSend(),
  };
}

/** A put that stores nothing: its condition is never true, because no object with that key exists. */
const tryToPut = (bucket: Pick<ObjectStore, 'put'>, key: string) =>
  bucket.put(key, 'ok', { contentType: 'text/plain', onlyIf: { etag: '"none"' } });
