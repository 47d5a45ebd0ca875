import { randomBytes, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import type { Service } from './route-by-service.ts';

/** The id by which S3 names the host that served a call. */
const HOST_ID = randomBytes(48).toString('base64');

/** Sets the request id of a response, which AWS sends with every response. Clients show it, and errors contain it. */
export function nameAnswer(response: ServerResponse, service: Service): void {
  if (service === 's3') {
    const id = randomUUID().replaceAll('-', '').slice(-16).toUpperCase();
    response.setHeader('x-amz-request-id', id);
    response.setHeader('x-amz-id-2', HOST_ID);
  } else {
    response.setHeader('x-amzn-RequestId', randomUUID());
  }
}

/** Returns the request id of a response. */
export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader('x-amz-request-id') ?? response.getHeader('x-amzn-RequestId'));
}
