import type { ReceivedMessage } from '@labelfleet/aws/queue';
import {
  encodeRequestMessage,
  imageKey,
  makeRequestId,
  type RequestMessage,
} from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';

export const silentLog = createLogger({ app: 'worker', level: 'silent' });

let ids = 0;

/** A request with an id that no other one has. */
export function aRequest(overrides: Partial<RequestMessage> = {}): RequestMessage {
  const serial = ++ids;
  const requestId = makeRequestId(Date.parse('2026-03-01T11:59:59Z'), Buffer.alloc(10, serial));
  return {
    v: 1,
    requestId,
    imageKey: imageKey(requestId, 'cat.png'),
    fileName: 'cat.png',
    topK: 3,
    replyTo: 'http://queues.test/replies',
    submittedAt: '2026-03-01T11:59:59.000Z',
    ...overrides,
  };
}

/** A received message; its first delivery unless overridden. */
export function aMessage(
  request: RequestMessage,
  overrides: Partial<ReceivedMessage> = {},
): ReceivedMessage {
  return {
    messageId: `message-${request.requestId}`,
    body: encodeRequestMessage(request),
    attributes: {},
    receipt: `receipt-${request.requestId}`,
    receiveCount: 1,
    sentAt: new Date(request.submittedAt),
    receivedAtMs: 0,
    ...overrides,
  };
}

/** A PNG of 2 by 2 pixels, as sharp writes it. */
export const PNG = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEklEQVQImWM4ESByIkCEAUIBACOuBLGTfJzkAAAAAElFTkSuQmCC',
    'base64',
  ),
);
