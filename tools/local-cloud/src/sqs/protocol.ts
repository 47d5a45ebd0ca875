import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ApiError } from '../api-error.ts';

/** How a call is written. Actions know one form of input and output: that of the JSON protocol. */
export interface Protocol {
  /** @throws ApiError for what cannot be read */
  read(request: IncomingMessage, body: Buffer): { action: string; input: unknown };
  send(response: ServerResponse, action: string, output: object): void;
  sendError(response: ServerResponse, error: ApiError): void;
}
