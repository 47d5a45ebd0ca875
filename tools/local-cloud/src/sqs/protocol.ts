import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ApiError } from '../api-error.ts';
import { jsonProtocol } from './json-protocol.ts';
import { queryProtocol } from './query-protocol.ts';

/** How a call is written. Actions know one form of input and output: that of the JSON protocol. */
export interface Protocol {
  /** @throws ApiError for what cannot be read */
  read(request: IncomingMessage, body: Buffer): { action: string; input: unknown };
  send(response: ServerResponse, action: string, output: object): void;
  sendError(response: ServerResponse, error: ApiError): void;
}

/** SDKs since the end of 2023 speak JSON 1.0, those before (boto3 before 1.28.82) the query protocol. */
export function protocolOf(request: IncomingMessage): Protocol {
  const type = request.headers['content-type'] ?? '';
  return type.startsWith('application/x-www-form-urlencoded') ? queryProtocol : jsonProtocol;
}
