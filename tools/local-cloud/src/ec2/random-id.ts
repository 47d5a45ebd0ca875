import { randomBytes } from 'node:crypto';

/** Makes an id in EC2's form, such as `i-` and 17 hexadecimal digits. */
export function randomId(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`;
}
