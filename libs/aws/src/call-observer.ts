import { isDenied, isTransient, toAwsCallError, type AwsCallError } from './errors.ts';

/** A call to AWS, with its retries. */
export interface EndedCall {
  service: 'sqs' | 's3' | 'ec2';
  /** Such as `SendMessageBatch`. */
  operation: string;
  /**
   * `refused`: a 4xx that says what is the case, such as that an object is missing; `denied`: no permission; `failed`:
   * the SDK had given up.
   */
  outcome: 'done' | 'refused' | 'denied' | 'failed';
  seconds: number;
  tries: number;
  /** Messages that a call of SQS sent, received, deleted or changed; undefined for other calls. */
  messages: number | undefined;
  /** Bytes of the messages that SQS bills; 0 for other calls. */
  payloadBytes: number;
  /** True for a FIFO queue. */
  fifo: boolean;
}

/** A batch of SQS that is about to be sent. */
export interface SentBatch {
  operation: string;
  /** How long its first entry waited for others. */
  waitedMs: number;
}

/** Watches the calls of a connection, for metrics. Its methods must be quick and must not throw. */
export interface CallObserver {
  ended(call: EndedCall): void;
  batched(batch: SentBatch): void;
}

interface Message {
  MessageBody?: string;
  Body?: string;
}

/** The parts of SQS's inputs and outputs that are observed; other calls have none of them. */
interface Observed {
  QueueUrl?: string;
  Entries?: Message[];
  Messages?: Message[];
  $metadata?: { attempts?: number };
}

/** A call that was made. */
interface MadeCall {
  service: EndedCall['service'];
  operation: string;
  /** On `performance.now()`. */
  beganAtMs: number;
  input?: Observed;
  output?: Observed;
}

/** Reports a call that was made without the SDK. */
export function reportDirect(
  observer: CallObserver | undefined,
  call: MadeCall,
  answer: { kind: 'not-sent' } | { kind: 'failed' } | { kind: 'answered'; status: number },
): void {
  if (answer.kind === 'not-sent') return;
  observer?.ended(endedCall(call, answer.kind === 'failed' ? 'failed' : outcomeOf(answer.status)));
}

type Handler = (args: { input: object }) => Promise<{ output: object; response: unknown }>;

/** What of an SDK client is needed here; the clients differ in their types only. */
interface ObservableClient {
  middlewareStack: {
    add(
      middleware: (next: never, context: { commandName?: string }) => never,
      options: { step: 'initialize'; name: string },
    ): void;
  };
}

/** Reports every call of an SDK client, once the call has ended. */
export function observeClient(
  client: object,
  service: EndedCall['service'],
  observer: CallObserver | undefined,
): void {
  if (observer === undefined) return;
  const middleware = (next: Handler, { commandName = '' }: { commandName?: string }): Handler => {
    const operation = commandName.replace(/Command$/, '');
    return async (args) => {
      const call = { service, operation, beganAtMs: performance.now(), input: args.input };
      try {
        const answer = await next(args);
        observer.ended(endedCall({ ...call, output: answer.output }, 'done'));
        return answer;
      } catch (error) {
        const failure = toAwsCallError(operation, error);
        observer.ended(endedCall({ ...call, output: error as Observed }, failureOf(failure)));
        throw error;
      }
    };
  };
  (client as ObservableClient).middlewareStack.add(middleware as never, {
    step: 'initialize',
    name: 'labelfleetObserver',
  });
}

function failureOf(failure: AwsCallError): EndedCall['outcome'] {
  if (isTransient(failure)) return 'failed';
  return isDenied(failure) ? 'denied' : 'refused';
}

function outcomeOf(status: number): EndedCall['outcome'] {
  if (status === 200) return 'done';
  if (status === 403) return 'denied';
  return status < 500 && status !== 429 ? 'refused' : 'failed';
}

function endedCall(
  { service, operation, beganAtMs, input = {}, output = {} }: MadeCall,
  outcome: EndedCall['outcome'],
): EndedCall {
  const isPoll = operation === 'ReceiveMessage';
  const messages = isPoll ? (output.Messages ?? []) : input.Entries;
  return {
    ...{ service, operation, outcome },
    seconds: (performance.now() - beganAtMs) / 1000,
    tries: output.$metadata?.attempts ?? 1,
    messages: messages?.length,
    payloadBytes: bytesOf(messages ?? []),
    fifo: input.QueueUrl?.endsWith('.fifo') === true,
  };
}

/** Bodies are ASCII but for file names, so their length is close to their bytes. */
const bytesOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { MessageBody, Body }) => sum + (MessageBody ?? Body ?? '').length, 0);
