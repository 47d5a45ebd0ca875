import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ApiError } from '../api-error.ts';
import { requestIdOf } from '../request-id.ts';
import { toXml } from '../xml.ts';

/** Sends an error in S3's form; the response to a HEAD has only the status. */
export function sendS3Error(
  request: IncomingMessage,
  response: ServerResponse,
  { code, message, status, details }: ApiError,
): void {
  const content = {
    Code: code,
    Message: message,
    ...details,
    Resource: request.url,
    RequestId: requestIdOf(response),
    HostId: String(response.getHeader('x-amz-id-2')),
  };
  const body = Buffer.from(toXml('Error', content));
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}
