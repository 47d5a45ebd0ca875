import { randomBytes, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import type { Service } from './route-by-service.ts';

/** Names the answer, as AWS names each; clients show it, and it stands in errors. */
export function nameAnswer(response: ServerResponse, service: Service): void {
  if (service === 's3') {
    response.setHeader('x-amz-request-id', randomBytes(8).toString('hex').toUpperCase());
    response.setHeader('x-amz-id-2', randomBytes(48).toString('base64'));
  } else {
    response.setHeader('x-amzn-RequestId', randomUUID());
  }
}

/** The name that the answer was given. */
export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader('x-amz-request-id') ?? response.getHeader('x-amzn-RequestId'));
}
