import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError, notServed } from '../api-error.ts';
import { QUERY_CODES } from './query-codes.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.0';

/** AWS JSON 1.0: the action is named in a header, input and output are JSON. */
export function readAction(request: IncomingMessage): string {
  const target = request.headers['x-amz-target'];
  const match = /^AmazonSQS\.(\w+)$/.exec(String(target));
  if (match?.[1] === undefined) {
    throw notServed('SQS in another protocol than JSON 1.0 (X-Amz-Target: AmazonSQS.…)');
  }
  return match[1];
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.length === 0 ? '{}' : body.toString());
  } catch {
    throw new ApiError('SerializationException', 'The body is not JSON.');
  }
}

export function sendJson(response: ServerResponse, output: object): void {
  const body = Buffer.from(JSON.stringify(output));
  response.writeHead(200, { 'content-type': CONTENT_TYPE, 'content-length': body.length });
  response.end(body);
}

export function sendJsonError(response: ServerResponse, error: ApiError): void {
  const queryCode = QUERY_CODES[error.code] ?? error.code;
  response.writeHead(error.status, {
    'content-type': CONTENT_TYPE,
    'x-amzn-query-error': `${queryCode};${error.status < 500 ? 'Sender' : 'Receiver'}`,
  });
  response.end(
    JSON.stringify({ __type: `com.amazonaws.sqs#${error.code}`, message: error.message }),
  );
}
