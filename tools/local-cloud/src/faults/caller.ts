import type { IncomingMessage } from 'node:http';

import { credentialOf } from '../route-by-service.ts';

/** The form of an instance role's access key, by which a fault can be limited to the calls of one instance. */
export function accessKeyOf(instanceId: string): string {
  return `ASIALOCAL${instanceId.slice(-8).toUpperCase()}`;
}

/** Returns the access key that a call is signed with, in its header or in its address. */
export function callerOf({
  headers,
  url = '',
}: Pick<IncomingMessage, 'headers' | 'url'>): string[] {
  const key = /Credential=([^/,\s]+)\//.exec(credentialOf(headers.authorization, url))?.[1];
  return key === undefined ? [] : [key];
}
