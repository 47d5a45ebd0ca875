import type { IncomingMessage } from 'node:http';

import { jsonProtocol } from './json-protocol.ts';
import type { Protocol } from './protocol.ts';
import { queryProtocol } from './query-protocol.ts';

/** SDKs since the end of 2023 use JSON 1.0; older ones (boto3 before 1.28.82) use the query protocol. */
export function protocolOf(request: IncomingMessage): Protocol {
  const type = request.headers['content-type'] ?? '';
  return type.startsWith('application/x-www-form-urlencoded') ? queryProtocol : jsonProtocol;
}
