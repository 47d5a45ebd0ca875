import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import {
  decodeWebhookMessage,
  webhookId,
  webhookRecordKey,
  type WebhookMessage,
} from '@labelfleet/contracts';
import { consume, type Clock, type Logger } from '@labelfleet/runtime';
import type { Metrics } from '../metrics.ts';
import { buildEvent, type EventDeps } from './build-event.ts';
import { holdSeconds, planRetry, type RetryTimes } from './plan-retry.ts';
import { postWebhook, type PostDeps } from './post-webhook.ts';
import type { Receiver } from './parse-receivers.ts';
import { RecentKeys } from './recent-keys.ts';
import { signedHeaders } from './sign.ts';
import type { WebhookRecords } from './webhook-records.ts';

/** A try takes 15 s and some calls. After a crash in it, the message is received again after this time. */
const RECEIVE = { maxMessages: 10, waitSeconds: 20, visibilityTimeoutSeconds: 60 };
/** So a receiver that does not answer holds up no other, and a slow one is not overrun. */
const MOST_TRIES_AT_ONCE = 20;
/** Webhooks of one event that arrive within minutes of each other: enough to recognize most repeats. */
const REMEMBERED = 10_000;
const DEPTH_EVERY_MS = 10_000;

export interface OutboxListenerDeps extends EventDeps, PostDeps {
  outbox: Pick<Queue, 'receive' | 'ack' | 'retryIn' | 'depth'>;
  deadLetters: Pick<Queue, 'send'>;
  receivers: { readonly value: ReadonlyMap<string, Receiver> };
  records: WebhookRecords;
  times: RetryTimes;
  /** Above this many messages in flight, none is made to wait: it goes to the dead-letter queue. */
  mostWaiting: number;
  metrics: Pick<Metrics, 'webhooks'>;
  clock: Pick<Clock, 'unixMs' | 'monotonicMs' | 'sleep'>;
  /** 0 to 1. */
  random: () => number;
  log: Logger;
}

type Delivery = { message: ReceivedMessage; webhook: WebhookMessage; log: Logger };
type Tried = Awaited<ReturnType<typeof postWebhook>> | { kind: 'not-yet' };

/**
 * Sends the webhooks of the outbox queue (P3). A message is deleted once its receiver has accepted the webhook, or
 * the message is in the dead-letter queue. If this process dies between any two steps, the message is received again.
 */
export class OutboxListener {
  readonly #deps: OutboxListenerDeps;
  readonly #handling = new Set<Promise<void>>();
  /** Tries in progress, by the receiver's name. */
  readonly #tries = new Map<string, number>();
  readonly #accepted = new RecentKeys(REMEMBERED);
  #depth = { inFlight: 0, readAtMs: -Infinity };

  constructor(deps: OutboxListenerDeps) {
    this.#deps = deps;
  }

  /** Listens until the signal is aborted; resolves when every received message is handled or left. */
  async run(signal: AbortSignal): Promise<void> {
    const { outbox, log, clock, random } = this.#deps;
    const consumer = {
      ...{ clock, random },
      receive: () => outbox.receive(RECEIVE, signal),
      // The next receive does not wait for the tries: their number is limited for each receiver.
      handle: async (messages: ReceivedMessage[]) => {
        const seen = new Set<string>();
        for (const message of messages) {
          const handled = this.#handle(message, seen, signal).finally(
            () => void this.#handling.delete(handled),
          );
          this.#handling.add(handled);
        }
      },
      onFailure: (error: unknown) =>
        log.warn({ event: 'webhook.receive-failed', error }, 'webhook messages not received'),
    };
    await consume(consumer, signal);
    await Promise.all(this.#handling);
  }

  /** Never rejects: a message whose handling fails is received again after its visibility timeout. */
  async #handle(message: ReceivedMessage, seen: Set<string>, signal: AbortSignal): Promise<void> {
    const log = this.#deps.log.child({ messageId: message.messageId });
    const decoded = decodeWebhookMessage(message.body);
    try {
      if (decoded.kind === 'malformed') {
        log.error(
          { event: 'webhook.malformed', reason: decoded.reason },
          'malformed webhook message',
        );
        await this.#bury(message, 'malformed', '');
        return;
      }
      const webhook = decoded.value;
      const { type, id, receiver } = webhook;
      const delivery = { message, webhook, log: log.child({ type, id, receiver }) };
      const key = webhookRecordKey(webhook);
      if (this.#accepted.has(key)) return await this.#finish(delivery, 'repeated');
      // The first of several in one receive is handled after all were sent, so it serves for all.
      if (seen.has(key)) return await this.#drop(delivery, 'repeated');
      if ((this.#tries.get(receiver) ?? 0) >= MOST_TRIES_AT_ONCE) return await this.#hold(delivery);
      seen.add(key);
      await this.#try(delivery, signal);
    } catch (error) {
      log.warn({ event: 'webhook.handling-failed', error }, 'webhook message not handled');
    }
  }

  async #try(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { message, webhook, log } = delivery;
    const { receiver } = webhook;
    let tried: Tried;
    this.#tries.set(receiver, (this.#tries.get(receiver) ?? 0) + 1);
    try {
      tried = await this.#send(delivery, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      await this.#deps.outbox.retryIn(message.receipt, 0);
      return;
    } finally {
      this.#tries.set(receiver, (this.#tries.get(receiver) ?? 0) - 1);
    }
    switch (tried.kind) {
      case 'accepted':
        this.#accepted.add(webhookRecordKey(webhook));
        log.info({ event: 'webhook.delivered' }, 'webhook delivered');
        return this.#finish(delivery, 'delivered');
      case 'not-yet':
        return this.#drop(delivery, 'not-yet');
      case 'failed':
        return this.#retryOrBury(delivery, tried.error);
    }
  }

  async #send({ webhook, message: { sentAt } }: Delivery, signal: AbortSignal): Promise<Tried> {
    const { receivers, clock } = this.#deps;
    const receiver = receivers.value.get(webhook.receiver);
    if (receiver === undefined)
      return { kind: 'failed', error: 'WEBHOOKS_FILE has no receiver of this name.' };
    const built = await buildEvent(webhook, sentAt, this.#deps);
    if (built.kind !== 'event') return built;
    const { body } = built;
    const signed = { id: webhookId(webhook), body, now: clock.unixMs() };
    const headers = signedHeaders(signed, receiver.secrets);
    return postWebhook(receiver.url, headers, body, this.#deps, signal);
  }

  /** Deletes the record of a webhook that was accepted, then its message. */
  async #finish(delivery: Delivery, outcome: string): Promise<void> {
    await this.#deps.records.delete(delivery.webhook);
    await this.#drop(delivery, outcome);
  }

  async #drop({ message, webhook }: Delivery, outcome: string): Promise<void> {
    await this.#deps.outbox.ack(message.receipt);
    this.#count(webhook.receiver, outcome);
  }

  async #hold(delivery: Delivery): Promise<void> {
    const { outbox, random } = this.#deps;
    const { message, webhook } = delivery;
    if (await this.#isFull()) return this.#retryOrBury(delivery, 'Too many webhooks wait.');
    await outbox.retryIn(message.receipt, holdSeconds(message.receiveCount, random()));
    this.#count(webhook.receiver, 'held');
  }

  async #retryOrBury({ message, webhook, log }: Delivery, error: string): Promise<void> {
    const { outbox, records, times, clock, random } = this.#deps;
    const earlier = await records.find(webhook);
    const now = clock.unixMs();
    const planned = planRetry(webhook, error, earlier, { now, random: random(), times });
    const waitSeconds = (await this.#isFull()) ? null : planned.waitSeconds;
    const nextTryAt = waitSeconds === null ? null : planned.record.nextTryAt;
    await records.write({ ...planned.record, nextTryAt });
    const { tries } = planned.record;
    if (waitSeconds === null) await this.#bury(message, 'dead-lettered', webhook.receiver);
    else {
      await outbox.retryIn(message.receipt, waitSeconds);
      this.#count(webhook.receiver, 'failed');
    }
    log.warn({ event: 'webhook.failed', problem: error, tries, nextTryAt }, 'webhook failed');
  }

  /** Moves a message to the dead-letter queue. */
  async #bury(message: ReceivedMessage, outcome: string, receiver: string): Promise<void> {
    await this.#deps.deadLetters.send({ body: message.body });
    await this.#deps.outbox.ack(message.receipt);
    this.#count(receiver, outcome);
  }

  /** True while so many messages wait that SQS could soon deliver none at all, and so none to other receivers. */
  async #isFull(): Promise<boolean> {
    const { outbox, mostWaiting, clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#depth.readAtMs >= DEPTH_EVERY_MS) {
      this.#depth = { ...this.#depth, readAtMs: nowMs };
      this.#depth = { inFlight: (await outbox.depth()).inFlight, readAtMs: nowMs };
    }
    return this.#depth.inFlight > mostWaiting;
  }

  #count(receiver: string, outcome: string): void {
    const { webhooks } = this.#deps.metrics;
    webhooks.inc({ receiver, outcome });
    // Prometheus does not see the first increment of a series that appears with it, and on this one there is an alert.
    webhooks.inc({ receiver, outcome: 'dead-lettered' }, 0);
  }
}
