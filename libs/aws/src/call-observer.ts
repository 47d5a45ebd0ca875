import { isDenied, isTransient, toAwsCallError, type AwsCallError } from './errors.ts';

/** A call to AWS, with its retries, or a direct call. */
export interface EndedCall {
  service: 'sqs' | 's3' | 'ec2';
  /** Such as `SendMessageBatch`. */
  operation: string;
  /**
   * `refused`: a 4xx that says what is the case, such as that an object is missing; `denied`: no permission; `failed`:
   * the SDK had given up, or the call reached its time limit; `repeated`: a direct call that the SDK makes again;
   * `aborted`: a receive that was ended early.
   */
  outcome: 'done' | 'refused' | 'denied' | 'failed' | 'repeated' | 'aborted';
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

/** Reports a call that was made without the SDK. @param outcome unless the call was aborted */
export function reportDirect(
  observer: CallObserver | undefined,
  call: MadeCall,
  answer: { kind: 'not-sent' | 'answered' } | { kind: 'failed'; error: Error },
  outcome: 'done' | 'refused' | 'failed' | 'repeated',
): void {
  if (observer === undefined || answer.kind === 'not-sent') return;
  const aborted =
    answer.kind === 'failed' ? outcomeOfAbort(call.operation, answer.error) : undefined;
  observer.ended(endedCall(call, aborted ?? outcome));
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
        const outcome =
          outcomeOfAbort(operation, error) ?? failureOf(toAwsCallError(operation, error));
        observer.ended(endedCall({ ...call, output: error as Observed }, outcome));
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

/**
 * The SDK does not say why a call was aborted. A receive ends when its process stops; any other call mostly ends at its
 * time limit (`callWithin`).
 * @returns undefined if the call was not aborted
 */
function outcomeOfAbort(operation: string, error: unknown): 'failed' | 'aborted' | undefined {
  if (!(error instanceof Error && error.name === 'AbortError')) return undefined;
  return operation === 'ReceiveMessage' ? 'aborted' : 'failed';
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
