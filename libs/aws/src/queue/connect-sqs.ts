import { SQSClient } from '@aws-sdk/client-sqs';
import { observeClient } from '../call-observer.ts';
import { LEAN_CLIENT, openAgents, type Connection } from '../connection.ts';
import { SqsCaller } from '../direct/direct-sqs.ts';
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
  { callLimitMs, sdkOnly = false, observer, ...connection }: Connection,
  senderLingerMs?: () => number,
): SqsConnection {
  // Both clients share them.
  const agents = openAgents();
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
  for (const each of [client, sendClient]) observeClient(each, 'sqs', observer);
  const caller = new SqsCaller(client, agents, { sdkOnly, observer });
  const sendCaller = new SqsCaller(sendClient, agents, { once: true, sdkOnly, observer });
  return {
    queue: (url, linger) =>
      new SqsQueue(url, { caller, sendCaller, sendLimitMs: callLimitMs }, linger),
    sender: new SqsSender(caller, senderLingerMs),
    admin: new SqsAdmin(client),
    close() {
      client.destroy();
      sendClient.destroy();
    },
  };
}
