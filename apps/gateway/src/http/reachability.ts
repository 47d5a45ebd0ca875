import type { Queue } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';

interface Needed {
  input: Pick<ObjectStore, 'put'>;
  output: Pick<ObjectStore, 'get'>;
  state: Pick<ObjectStore, 'put'>;
  requests: Pick<Queue, 'checkSend'>;
}

/**
 * The checks of what a POST needs. Each makes the call that a POST makes: a bucket may be readable and not
 * writable, a queue may show its depth and not take messages.
 */
export function reachability({ input, output, state, requests }: Needed) {
  return {
    'the input bucket': () => tryToPut(input, 'readiness'),
    'the output bucket': () => output.get('readiness'),
    'the state bucket': () => tryToPut(state, 'idempotency/readiness'),
    'the request queue': () => requests.checkSend(),
  };
}

/** A put that leaves nothing behind: its condition never holds, as there is no object of that key. */
const tryToPut = (bucket: Pick<ObjectStore, 'put'>, key: string) =>
  bucket.put(key, 'ok', { contentType: 'text/plain', onlyIf: { etag: '"none"' } });
