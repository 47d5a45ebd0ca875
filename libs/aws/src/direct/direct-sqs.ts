import type { SQSClient } from '@aws-sdk/client-sqs';
import { reportDirect, type CallObserver } from '../call-observer.ts';
import type { Agents } from '../connection.ts';
import { AwsCallError, callAws, toAwsCallError } from '../errors.ts';
import {
  DirectClient,
  routeOf,
  type DirectOutcome,
  type Route,
  type SdkRequest,
} from './direct-client.ts';

/** Options of one call, for the SDK and for a direct call alike. */
export interface SqsCallOptions {
  /** Milliseconds. */
  requestTimeout: number;
  abortSignal?: AbortSignal;
}

/** Makes the calls of an SQS client directly, in the JSON protocol, and by the SDK what does not end in success. */
export class SqsCaller {
  readonly client: SQSClient;
  readonly #direct: DirectClient;
  readonly #once: boolean;
  /** Undefined: nobody watches the calls. */
  readonly observer: CallObserver | undefined;
  #route: Route | undefined;

  /** @param options `once`: a call that may have taken effect is not made again (P7) */
  constructor(
    client: SQSClient,
    agents: Agents,
    {
      once = false,
      sdkOnly = false,
      observer,
    }: { once?: boolean; sdkOnly?: boolean; observer?: CallObserver | undefined },
  ) {
    this.client = client;
    this.observer = observer;
    this.#direct = new DirectClient(client.config, agents);
    this.#once = once;
    if (sdkOnly) return;
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        // It gets here only if the response was no error.
        this.#route ??= routeOf(args.request as SdkRequest, 'sqs');
        return result;
      },
      { name: 'learnRoute', step: 'deserialize', priority: 'high' },
    );
  }

  /**
   * Makes one call.
   * @param bySdk makes the same call by `client`
   * @throws AwsCallError
   */
  async call<Output>(
    operation: string,
    input: object,
    options: SqsCallOptions,
    bySdk: () => Promise<Output>,
  ): Promise<Output> {
    if (this.#route === undefined) return callAws(operation, bySdk);
    const beganAtMs = performance.now();
    const outcome = await this.#callDirectly(this.#route, operation, input, options);
    const output = parseOutput<Output>(outcome);
    const call = { service: 'sqs', operation, beganAtMs, input, output: output ?? {} } as const;
    if (output !== undefined) {
      reportDirect(this.observer, call, outcome, 'done');
      return output;
    }
    if (this.#once && mayHaveTakenEffect(outcome)) {
      reportDirect(this.observer, call, outcome, 'failed');
      throw errorOf(operation, outcome);
    }
    reportDirect(this.observer, call, outcome, 'repeated');
    return callAws(operation, () => {
      options.abortSignal?.throwIfAborted();
      return bySdk();
    });
  }

  #callDirectly(
    route: Route,
    operation: string,
    input: object,
    { requestTimeout, abortSignal }: SqsCallOptions,
  ): Promise<DirectOutcome> {
    const request = {
      method: 'POST',
      path: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
      },
      body: Buffer.from(JSON.stringify(input)),
      limitMs: requestTimeout,
      signal: abortSignal,
    };
    return this.#direct.call(route, request, (status) => status === 200);
  }
}

type Sent = Exclude<DirectOutcome, { kind: 'not-sent' }>;

/** Undefined unless the call succeeded. A proxy may answer 200 with something else. */
function parseOutput<Output>(outcome: DirectOutcome): Output | undefined {
  if (outcome.kind !== 'answered' || outcome.status !== 200) return undefined;
  const text = outcome.body.toString();
  return text.startsWith('{') ? (JSON.parse(text) as Output) : undefined;
}

/** SQS answers 4xx only if it has done nothing. */
const mayHaveTakenEffect = (outcome: DirectOutcome): outcome is Sent =>
  outcome.kind === 'failed' ||
  (outcome.kind === 'answered' && (outcome.status < 400 || outcome.status >= 500));

function errorOf(operation: string, outcome: Sent): AwsCallError {
  if (outcome.kind === 'failed') return toAwsCallError(operation, outcome.error);
  const { status: statusCode, body } = outcome;
  const text = body.toString();
  const code = /"__type":"(?:[^"]*#)?(\w+)"/.exec(text)?.[1] ?? 'UnreadableAnswer';
  return new AwsCallError(operation, { code, message: text.slice(0, 500), statusCode });
}
