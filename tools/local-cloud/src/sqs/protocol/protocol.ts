import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ApiError } from '../../api-error.ts';

/** Encodes and decodes calls. Actions only use the input and output of the JSON protocol. */
export interface Protocol {
  /** @throws ApiError if the call cannot be parsed */
  read(request: IncomingMessage, body: Buffer): { action: string; input: unknown };
  send(response: ServerResponse, action: string, output: object): void;
  sendError(response: ServerResponse, error: ApiError): void;
}
