import type { ServerResponse } from 'node:http';

import type { ApiError } from '../api-error.ts';
import { requestIdOf } from '../request-id.ts';
import { toXml } from '../xml.ts';

export function sendEc2Error(response: ServerResponse, { code, message, status }: ApiError): void {
  const errors = { Error: { Code: code, Message: message } };
  const content = { Errors: errors, RequestID: requestIdOf(response) };
  sendEc2Xml(response, status, toXml('Response', content));
}

export function sendEc2Xml(response: ServerResponse, status: number, xml: string): void {
  const body = Buffer.from(xml);
  response.writeHead(status, {
    'content-type': 'text/xml;charset=UTF-8',
    'content-length': body.length,
  });
  response.end(body);
}
