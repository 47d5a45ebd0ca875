import type { Context } from 'hono';
import type { UploadRequest } from '../upload/read-upload.ts';
import type { GatewayEnv } from './request-scope.ts';

/** The body of a request and the headers that describe it. */
export function uploadRequest(c: Context<GatewayEnv>): UploadRequest {
  const length = c.req.header('content-length') ?? '';
  return {
    body: c.var.body,
    contentType: c.req.header('content-type'),
    contentLength: /^\d+$/.test(length) ? Number(length) : undefined,
    contentEncoding: c.req.header('content-encoding'),
    transferEncoding: c.req.header('transfer-encoding'),
  };
}
