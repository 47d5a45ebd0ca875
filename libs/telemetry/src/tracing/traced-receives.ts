import type { Queue, ReceivedMessage, ReceiveOptions } from '@labelfleet/aws/queue';
import { messagingAttributes, messagingSpanName, type Destination } from './messaging.ts';
import { isSampled, type Tracing } from './tracing.ts';

const traceOf = ({ attributes }: ReceivedMessage): string | undefined => attributes['traceparent'];

/**
 * Records each receive that brings a message of a sampled trace as a span. A receive belongs to no single request, so
 * its span begins a separate trace and links to the messages.
 */
export class TracedReceives {
  readonly #queue: Pick<Queue, 'receive'>;
  readonly #tracing: Tracing | undefined;
  readonly #destination: Destination;
  readonly #spans = new WeakMap<ReceivedMessage, string>();

  constructor(
    queue: Pick<Queue, 'receive'>,
    tracing: Tracing | undefined,
    destination: Destination,
  ) {
    this.#queue = queue;
    this.#tracing = tracing;
    this.#destination = destination;
  }

  async receive(options: ReceiveOptions, signal?: AbortSignal): Promise<ReceivedMessage[]> {
    if (this.#tracing === undefined) return this.#queue.receive(options, signal);
    const beganAtMs = performance.now();
    const messages = await this.#queue.receive(options, signal);
    const links = messages.flatMap((message) => traceOf(message) ?? []).filter(isSampled);
    if (links.length === 0) return messages;
    const span = this.#tracing.startSpan(messagingSpanName('receive', this.#destination), {
      kind: 'client',
      links,
      beganAtMs,
      attributes: {
        ...messagingAttributes('receive', this.#destination),
        'messaging.batch.message_count': messages.length,
      },
    });
    for (const message of messages) this.#spans.set(message, span.traceparent);
    span.end();
    return messages;
  }

  /** The links of the span in which the message is processed: to its receive. */
  linksOf(message: ReceivedMessage): string[] {
    const span = this.#spans.get(message);
    return span === undefined ? [] : [span];
  }
}
