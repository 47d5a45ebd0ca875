/** Tag of a reply queue: when its gateway last refreshed it, RFC 3339. The scaler deletes only queues with this tag. */
export const ALIVE_AT_TAG = 'alive-at';
