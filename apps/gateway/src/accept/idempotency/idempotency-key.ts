/** An Idempotency-Key header: 1 to 255 visible ASCII characters, taken as they are, quotes included. */
export const isIdempotencyKey = (header: string): boolean => /^[\x21-\x7e]{1,255}$/.test(header);
