/** Tag of a gateway's own reply queue: when its gateway last lived, RFC 3339. Only queues that have it are swept. */
export const ALIVE_AT_TAG = 'alive-at';
