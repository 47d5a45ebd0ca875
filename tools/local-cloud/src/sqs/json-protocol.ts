import type { IncomingMessage, ServerResponse } from 'node:http';

import { z } from 'zod';

import { ApiError, notServed } from '../api-error.ts';
import { invalidValue, missingParameter, QUERY_CODES } from './errors.ts';

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

/** Checks an action's input. What AWS knows and this server does not is a 501, not a parameter ignored. */
export function parseInput<T>(action: string, schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new Error('zod failed without an issue', { cause: parsed.error });
  if (issue.code === 'unrecognized_keys') {
    throw notServed(`The parameter ${issue.keys.join(', ')} of ${action}`);
  }
  const value = valueAt(input, issue.path);
  const parameter = issue.path.join('.');
  throw value === undefined
    ? missingParameter(parameter)
    : invalidValue(parameter, value, issue.message);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null
        ? Object.getOwnPropertyDescriptor(at, key)?.value
        : undefined,
    input,
  );
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
