import { SQSClient } from '@aws-sdk/client-sqs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { LEAN_CLIENT, SOCKETS, type Connection } from '../connection.ts';
import type { Queue, QueueAdmin, QueueLinger, QueueSender } from './queue.ts';
import { SqsAdmin } from './sqs-admin.ts';
import { SqsQueue } from './sqs-queue.ts';
import { SqsSender } from './sqs-sender.ts';

export interface SqsConnection {
  queue(url: string, linger?: QueueLinger): Queue;
  readonly sender: QueueSender;
  readonly admin: QueueAdmin;
  /** Closes the sockets; calls in progress fail. */
  close(): void;
}

/**
 * Opens the SQS connection of a process.
 * @param senderLingerMs how long a message of `sender` waits for others to the same queue; default: 0
 */
export function connectSqs(
  { callLimitMs, ...connection }: Connection,
  senderLingerMs?: () => number,
): SqsConnection {
  // Both clients share them.
  const agents = { httpAgent: new HttpAgent(SOCKETS), httpsAgent: new HttpsAgent(SOCKETS) };
  const settings = {
    ...connection,
    ...LEAN_CLIENT,
    // TLS already protects messages from damage on their way; the digest would only be computed here once more.
    md5: false as const,
    // A queue URL can come from a message, so it must not choose the host that is called.
    useQueueUrlAsEndpoint: false,
    requestHandler: {
      ...agents,
      connectionTimeout: 3_000,
      requestTimeout: 10_000,
      throwOnRequestTimeout: true,
      // Longer than the longest long poll (20 s).
      socketTimeout: 40_000,
    },
  };
  const client = new SQSClient(settings);
  const sendClient = new SQSClient({ ...settings, maxAttempts: 1 });
  return {
    queue: (url, linger) =>
      new SqsQueue(url, { client, sendClient, sendLimitMs: callLimitMs }, linger),
    sender: new SqsSender(client, senderLingerMs),
    admin: new SqsAdmin(client),
    close() {
      client.destroy();
      sendClient.destroy();
    },
  };
}
