import type { ServerResponse } from 'node:http';

import { parseQuery } from '../../query-protocol.ts';
import { requestIdOf } from '../../request-id.ts';
import { toXml } from '../../xml.ts';
import { inputOfQuery } from './query-input.ts';
import { outputForXml } from './query-output.ts';
import type { Protocol } from './protocol.ts';
import { QUERY_CODES } from './query-codes.ts';

const NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/';

/** The AWS query protocol: forms as input, XML as output. */
export const queryProtocol: Protocol = {
  read: (request, body) => {
    const { action, parameters } = parseQuery(body.toString());
    const input = inputOfQuery(action, parameters);
    // The oldest clients name the queue only by the URL they call.
    const address = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    return { action, input: address === '/' ? input : { QueueUrl: address, ...input } };
  },

  send: (response, action, output) => {
    const content = {
      '@xmlns': NAMESPACE,
      [`${action}Result`]: outputForXml(action, output),
      ResponseMetadata: { RequestId: requestIdOf(response) },
    };
    sendXml(response, 200, toXml(`${action}Response`, content));
  },

  sendError: (response, { code, status, message }) => {
    const error = {
      Type: status < 500 ? 'Sender' : 'Receiver',
      Code: QUERY_CODES[code] ?? code,
      Message: messageFor(code, message),
    };
    const content = { '@xmlns': NAMESPACE, Error: error, RequestId: requestIdOf(response) };
    sendXml(response, status, toXml('ErrorResponse', content));
  },
};

/** The older protocol has a longer text for a queue that does not exist. */
const messageFor = (code: string, message: string) =>
  code === 'QueueDoesNotExist' ? message.replace(/\.$/, ' for this wsdl version.') : message;

function sendXml(response: ServerResponse, status: number, xml: string): void {
  const body = Buffer.from(xml);
  response.writeHead(status, { 'content-type': 'text/xml', 'content-length': body.length });
  response.end(body);
}
