/** True for 1 to 255 visible ASCII characters. Quotes are part of the key. */
export const isIdempotencyKey = (header: string): boolean => /^[\x21-\x7e]{1,255}$/.test(header);
