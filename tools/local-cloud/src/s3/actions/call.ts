import type { IncomingMessage, ServerResponse } from 'node:http';

import type { S3Access } from '../../iam/guards.ts';
import { toXml } from '../../xml.ts';
import type { Buckets } from '../buckets.ts';

/** One call of S3: where it comes from and where its answer goes. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly buckets: Buckets;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  /** Undefined: everybody may do everything. */
  readonly access: S3Access | undefined;
}

/** The only account. */
export const OWNER = { ID: '000000000000', DisplayName: 'local-cloud' };

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function sendXml(response: ServerResponse, root: string, content: object): void {
  const body = Buffer.from(toXml(root, { '@xmlns': NAMESPACE, ...content }));
  response.writeHead(200, { 'content-type': 'application/xml', 'content-length': body.length });
  response.end(body);
}

export function sendEmpty(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, ...(status === 200 ? { 'content-length': '0' } : {}) });
  response.end();
}
