import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message,
  type ReceiveMessageCommandInput,
  type SendMessageCommandInput,
  type SQSClient,
} from '@aws-sdk/client-sqs';

import { uniqueName } from './aws-clients.ts';

/** A new queue; attributes with `FifoQueue` make it a FIFO one. */
export async function createQueue(
  sqs: SQSClient,
  attributes: Record<string, string> = {},
): Promise<TestQueue> {
  const name = uniqueName('queue');
  const fifo = attributes['FifoQueue'] === 'true';
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: fifo ? `${name}.fifo` : name, Attributes: attributes }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return new TestQueue(sqs, QueueUrl, Attributes?.QueueArn ?? '');
}

/** A queue with short methods for tests. */
export class TestQueue {
  readonly #sqs: SQSClient;
  readonly url: string;
  readonly arn: string;
  constructor(sqs: SQSClient, url: string, arn: string) {
    this.#sqs = sqs;
    this.url = url;
    this.arn = arn;
  }

  get name(): string {
    return this.url.split('/').at(-1) ?? '';
  }

  send(MessageBody: string, more: Partial<SendMessageCommandInput> = {}) {
    return this.#sqs.send(new SendMessageCommand({ QueueUrl: this.url, MessageBody, ...more }));
  }

  async receive(
    options: Partial<ReceiveMessageCommandInput> = {},
    abortSignal?: AbortSignal,
  ): Promise<Message[]> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
        ...options,
      }),
      abortSignal === undefined ? {} : { abortSignal },
    );
    return Messages;
  }

  async bodies(options: Partial<ReceiveMessageCommandInput> = {}): Promise<(string | undefined)[]> {
    const messages = await this.receive({ MaxNumberOfMessages: 10, ...options });
    return messages.map(({ Body }) => Body);
  }

  async receiveOne(options: Partial<ReceiveMessageCommandInput> = {}): Promise<Message> {
    const [message] = await this.receive({ WaitTimeSeconds: 5, ...options });
    if (message === undefined) throw new Error('no message');
    return message;
  }

  delete(message: Message) {
    return this.#sqs.send(
      new DeleteMessageCommand({ QueueUrl: this.url, ReceiptHandle: message.ReceiptHandle }),
    );
  }

  hide(message: Message, VisibilityTimeout: number) {
    return this.#sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.url,
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout,
      }),
    );
  }

  /** The numbers of visible, in-flight and delayed messages. */
  async counts(): Promise<number[]> {
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.url, AttributeNames: ['All'] }),
    );
    return [
      Number(Attributes?.ApproximateNumberOfMessages),
      Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
      Number(Attributes?.ApproximateNumberOfMessagesDelayed),
    ];
  }
}
