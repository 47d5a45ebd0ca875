import { ApiError, notServed } from '../../api-error.ts';
import type { Protocol } from './protocol.ts';
import { QUERY_CODES } from './query-codes.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.0';

/** AWS JSON 1.0: the action is named in a header, input and output are JSON. */
export const jsonProtocol: Protocol = {
  read: (request, body) => {
    const target = request.headers['x-amz-target'];
    const action = /^AmazonSQS\.(\w+)$/.exec(String(target))?.[1];
    if (action === undefined) {
      throw notServed(
        'SQS in another protocol than JSON 1.0 (X-Amz-Target: AmazonSQS.…) and query',
      );
    }
    return { action, input: parseJson(body) };
  },

  send: (response, _action, output) => {
    const body = JSON.stringify(output); // Node sends a string in one packet with the head, but not bytes
    response.writeHead(200, {
      'content-type': CONTENT_TYPE,
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  },

  sendError: (response, error) => {
    const queryCode = QUERY_CODES[error.code] ?? error.code;
    response.writeHead(error.status, {
      'content-type': CONTENT_TYPE,
      'x-amzn-query-error': `${queryCode};${error.status < 500 ? 'Sender' : 'Receiver'}`,
    });
    response.end(
      JSON.stringify({ __type: `com.amazonaws.sqs#${error.code}`, message: error.message }),
    );
  },
};

/** SQS accepts nothing that is nested deeper. The limit keeps recursion from overflowing the stack. */
const DEEPEST = 32;

function parseJson(body: Buffer): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.length === 0 ? '{}' : body.toString());
  } catch {
    throw new ApiError('SerializationException', 'The body is not JSON.');
  }
  if (isDeeper(parsed, DEEPEST)) {
    throw new ApiError('SerializationException', 'The body is nested too deep.');
  }
  return parsed;
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).some((below) => levels === 0 || isDeeper(below, levels - 1));
