import { randomBytes } from 'node:crypto';

/** As EC2 forms its ids: `i-` and 17 hexadecimal digits. */
export function randomId(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`;
}
