import { hasCode, QUEUE_GONE_CODES } from '@labelfleet/aws/errors';
import type { Linger, Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import { decodeReplyMessage } from '@labelfleet/contracts';
import { consume, nextReceives, sleep, type Logger } from '@labelfleet/runtime';
import {
  messagingAttributes,
  messagingSpanName,
  TracedReceives,
  type Destination,
  type Tracing,
} from '@labelfleet/telemetry';
import type { Metrics } from '../metrics.ts';
import type { ResultCosts } from '../limits/result-costs.ts';
import type { PendingReplies } from './pending-replies.ts';
import type { ReplyQueue } from './reply-queue.ts';

/** The most that SQS delivers in one receive. */
const MAX_MESSAGES = 10;
const POLL_SECONDS = 20;
/** Replies are handled at once; one whose acknowledgement failed is redelivered after this time. */
const VISIBILITY_SECONDS = 30;
/** The queue counts as deleted after this many polls in a row that find none: SQS may not find a new queue at once. */
const GONE_AFTER_POLLS = 3;

interface OpenQueue {
  queue: Pick<Queue, 'receive' | 'ack'>;
  receives: TracedReceives;
  destination: Destination;
}

/** `unreachable`: the last poll failed, and polling continues with growing pauses. */
export type ListenerState = 'listening' | 'unreachable' | 'stopped';

/** Receives the replies on this gateway's queue and ends the waits for them. */
export class ReplyListener {
  readonly #replyQueue: Pick<ReplyQueue, 'url' | 'replace'>;
  readonly #queueAt: (url: string) => Pick<Queue, 'receive' | 'ack'>;
  readonly #pending: Pick<PendingReplies, 'complete'>;
  readonly #metrics: Pick<Metrics, 'replies' | 'replyQueuesReplaced'>;
  readonly #linger: Pick<Linger, 'ms'>;
  readonly #costs: Pick<ResultCosts, 'count'>;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #tracing: Tracing | undefined;
  /** Acknowledgements that have not ended. */
  readonly #acknowledging = new Set<Promise<void>>();
  #state: ListenerState = 'listening';

  constructor(deps: {
    replyQueue: Pick<ReplyQueue, 'url' | 'replace'>;
    queueAt: (url: string) => Pick<Queue, 'receive' | 'ack'>;
    pending: Pick<PendingReplies, 'complete'>;
    metrics: Pick<Metrics, 'replies' | 'replyQueuesReplaced'>;
    linger: Pick<Linger, 'ms'>;
    costs: Pick<ResultCosts, 'count'>;
    log: Logger;
    /** 0 to 1. */
    random: () => number;
    /** Undefined: no traces. */
    tracing: Tracing | undefined;
  }) {
    this.#replyQueue = deps.replyQueue;
    this.#queueAt = deps.queueAt;
    this.#pending = deps.pending;
    this.#metrics = deps.metrics;
    this.#linger = deps.linger;
    this.#costs = deps.costs;
    this.#log = deps.log;
    this.#random = deps.random;
    this.#tracing = deps.tracing;
  }

  get state(): ListenerState {
    return this.#state;
  }

  /**
   * Listens until the signal is aborted; resolves when the last acknowledgement has ended. A round of full receives is
   * followed by one with twice as many at the same time.
   */
  async run(signal: AbortSignal): Promise<void> {
    let queue = this.#open();
    let foundNoQueue = 0;
    let receives = 1;
    const consumer = {
      receive: async (failures: number) => {
        if (foundNoQueue >= GONE_AFTER_POLLS) {
          await this.#replyQueue.replace();
          this.#metrics.replyQueuesReplaced.inc();
          queue = this.#open();
          foundNoQueue = 0;
        }
        // After a failure a poll returns at once, so that the recovery shows before the next reply arrives.
        const waitSeconds = failures === 0 ? POLL_SECONDS : 0;
        const round = Array.from({ length: receives }, () =>
          this.#receive(queue, waitSeconds, signal),
        );
        return (await Promise.all(round)).reduce((sum, count) => sum + count);
      },
      handle: async (received: number) => {
        foundNoQueue = 0;
        this.#enter('listening');
        const isFull = received === receives * MAX_MESSAGES;
        receives = nextReceives(receives, isFull);
        // Under load the next replies come in one receive.
        const { ms } = this.#linger;
        if (!isFull && ms > 0) await sleep(ms, signal);
      },
      onFailure: (error: unknown, failures: number) => {
        this.#log.warn({ event: 'reply.receive-failed', error, failures }, 'replies not received');
        this.#enter('unreachable');
        foundNoQueue = hasCode(error, QUEUE_GONE_CODES) ? foundNoQueue + 1 : 0;
        receives = 1;
      },
      clock: { sleep },
      random: this.#random,
    };
    await consume(consumer, signal);
    await Promise.all(this.#acknowledging);
    this.#enter('stopped');
  }

  #open(): OpenQueue {
    const { url } = this.#replyQueue;
    const queue = this.#queueAt(url);
    const destination = { url, isTemporary: true };
    const receives = new TracedReceives(queue, this.#tracing, destination);
    return { queue, destination, receives };
  }

  /** @returns the number of messages */
  async #receive(open: OpenQueue, waitSeconds: number, signal: AbortSignal): Promise<number> {
    const options = {
      maxMessages: MAX_MESSAGES,
      waitSeconds,
      visibilityTimeoutSeconds: VISIBILITY_SECONDS,
    };
    const messages = await open.receives.receive(options, signal);
    for (const message of messages) this.#process(message, open);
    this.#acknowledge(open.queue, messages);
    return messages.length;
  }

  #enter(state: ListenerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#log.info({ event: 'reply-listener.state', state }, 'reply listener state changed');
  }

  #process(message: ReceivedMessage, { destination, receives }: OpenQueue): void {
    const span = this.#tracing?.startSpan(messagingSpanName('process', destination), {
      kind: 'consumer',
      parent: message.attributes['traceparent'],
      links: receives.linksOf(message),
      attributes: messagingAttributes('process', destination),
    });
    this.#complete(message);
    span?.end();
  }

  #complete({ body, messageId }: ReceivedMessage): void {
    const reply = decodeReplyMessage(body);
    if (reply.kind === 'malformed') {
      this.#metrics.replies.inc({ kind: 'malformed' });
      this.#log.error(
        { event: 'reply.malformed', messageId, reason: reply.reason },
        'malformed reply dropped',
      );
      return;
    }
    const { result } = reply.value;
    this.#costs.count(result);
    const isExpected = this.#pending.complete(result);
    this.#metrics.replies.inc({ kind: isExpected ? 'completed' : 'unknown' });
    if (!isExpected)
      this.#log.info(
        { event: 'reply.unexpected', requestId: result.id },
        'reply without a waiter dropped',
      );
  }

  /** A reply that could not be acknowledged is redelivered, then counts as unknown, and is acknowledged again. */
  #acknowledge(queue: Pick<Queue, 'ack'>, messages: ReceivedMessage[]): void {
    for (const { receipt } of messages) {
      const acknowledged = queue
        .ack(receipt)
        .catch((error: unknown) =>
          this.#log.warn({ event: 'reply.ack-failed', error }, 'reply not acknowledged'),
        )
        .then(() => void this.#acknowledging.delete(acknowledged));
      this.#acknowledging.add(acknowledged);
    }
  }
}
