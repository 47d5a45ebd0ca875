import { hash } from 'node:crypto';

import * as z from 'zod';

import { messageIdOf, type Message } from '../message/message.ts';
import { md5OfAttributes, selectAttributes } from '../message/message-attributes.ts';
import type { Queue } from '../queue/queue.ts';
import { attributeNumber } from '../queue/queue-attributes.ts';
import { receiptHandle } from '../queue/receipt.ts';
import { queueAction, within } from './action.ts';
import { sequenceNumber } from './send.ts';

const names = z.array(z.string()).default([]);

export const receiveActions = [
  queueAction(
    'ReceiveMessage',
    {
      MaxNumberOfMessages: within(1, 10).default(1),
      WaitTimeSeconds: within(0, 20).optional(),
      VisibilityTimeout: within(0, 43_200).optional(),
      MessageAttributeNames: names,
      MessageSystemAttributeNames: names,
      AttributeNames: names,
    },
    async (queue, input, { watchClient, committed, onDelivery }) => {
      using client = watchClient();
      const messages = await queue.receive(
        {
          max: input.MaxNumberOfMessages,
          visibilityMs: 1000 * (input.VisibilityTimeout ?? preset(queue, 'VisibilityTimeout')),
          waitMs: 1000 * (input.WaitTimeSeconds ?? preset(queue, 'ReceiveMessageWaitTimeSeconds')),
        },
        client.signal,
      );
      if (messages.length === 0) return {};
      const answer = messages.map((message) => describe(queue, message, input));
      await Promise.all([committed(), socketsRead()]);
      if (client.signal.aborted) {
        queue.undoReceive(messages);
        return {};
      }
      onDelivery(queue, messages);
      return { Messages: answer };
    },
  ),
];

/**
 * Resolves when all data that the sockets have received is read. A client may have closed its connection right after its
 * request, or just before the message came. It must not take a message that it cannot get.
 */
function socketsRead(): Promise<void> {
  // The first immediate ends this turn of the event loop. The second ends the next turn, which reads the sockets.
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

const preset = (queue: Queue, name: 'VisibilityTimeout' | 'ReceiveMessageWaitTimeSeconds') =>
  attributeNumber(queue.attributes, name);

interface Wanted {
  MessageAttributeNames: string[];
  MessageSystemAttributeNames: string[];
  AttributeNames: string[];
}

function describe(queue: Queue, message: Message, wanted: Wanted): object {
  const attributes = selectAttributes(message.attributes, wanted.MessageAttributeNames);
  const system = selectSystemAttributes(queue, message, [
    ...wanted.MessageSystemAttributeNames,
    ...wanted.AttributeNames,
  ]);
  return {
    MessageId: messageIdOf(message),
    ReceiptHandle: receiptHandle(queue, message),
    Body: message.body,
    MD5OfBody: hash('md5', message.body),
    ...(Object.keys(attributes).length > 0
      ? { MessageAttributes: attributes, MD5OfMessageAttributes: md5OfAttributes(attributes) }
      : {}),
    ...(Object.keys(system).length > 0 ? { Attributes: system } : {}),
  };
}

function selectSystemAttributes(
  queue: Queue,
  message: Message,
  wanted: readonly string[],
): Record<string, string> {
  if (wanted.length === 0) return {};
  const all: Record<string, string | undefined> = {
    SenderId: 'AIDALOCALCLOUD',
    SentTimestamp: String(message.sentAtMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    AWSTraceHeader: message.systemAttributes['AWSTraceHeader']?.StringValue,
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.deduplicationId,
    SequenceNumber: queue.fifo ? sequenceNumber(message.sequence) : undefined,
  };
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && (wanted.includes('All') || wanted.includes(name))) {
      shown[name] = value;
    }
  }
  return shown;
}
