import type { ReceivedMessage } from '@labelfleet/aws/queue';
import type { RequestMessage } from '@labelfleet/contracts';
import type { Clock } from '@labelfleet/runtime';
import {
  inSpan,
  messagingAttributes,
  messagingSpanName,
  type Span,
  type SpanOptions,
  type Step,
  type TracedReceives,
  type Tracing,
} from '@labelfleet/telemetry';
import type { Metrics } from '../metrics.ts';
import type { Handled } from './finish-delivery.ts';
import type { AttemptOutcome } from './judge-outcome.ts';

export interface TelemetryDeps {
  metrics: Pick<Metrics, 'attempts' | 'deliveries' | 'phases' | 'queueWait' | 'steps'>;
  /** Undefined: no traces. */
  tracing: Tracing | undefined;
  receives: Pick<TracedReceives, 'linksOf'>;
  clock: Pick<Clock, 'unixMs' | 'monotonicMs'>;
  requestQueue: { readonly url: string };
}

/** The metrics and the span of one delivery. Its methods never throw, so they may be called anywhere. */
export interface DeliveryTelemetry {
  /** Measures a step. @param work gets the trace context for a message that it sends */
  step<T>(step: Step, work: (traceparent: string | undefined) => Promise<T>): Promise<T>;
  /** @param outcome how an attempt ended; what is none is not counted */
  attempted(outcome: AttemptOutcome): void;
  ended(outcome: Handled): void;
}

export function observeDelivery(
  { metrics, tracing, receives, clock, requestQueue }: TelemetryDeps,
  message: ReceivedMessage,
  { requestId, submittedAt, replyTo }: RequestMessage,
): DeliveryTelemetry {
  const { traceparent } = message.attributes;
  metrics.queueWait.observe(Math.max(0, clock.unixMs() - Date.parse(submittedAt)) / 1000);
  const span = tracing?.startSpan(messagingSpanName('process', requestQueue), {
    kind: 'consumer',
    parent: traceparent,
    links: receives.linksOf(message),
    attributes: {
      ...messagingAttributes('process', requestQueue),
      'messaging.message.id': message.messageId,
      'labelfleet.request.id': requestId,
      'labelfleet.receive.count': message.receiveCount,
    },
  });
  return {
    async step(step, work) {
      const beganAtMs = clock.monotonicMs();
      try {
        if (span === undefined) return await work(traceparent);
        const { name, ...options } = spanOf(step, replyTo);
        const inStep = (child: Span | undefined) => work(child?.traceparent);
        return await inSpan(tracing, name, { ...options, parent: span.traceparent }, inStep);
      } finally {
        metrics.steps.observe({ step }, (clock.monotonicMs() - beganAtMs) / 1000);
      }
    },
    attempted(outcome) {
      const { kind } = outcome;
      if (kind !== 'classified' && kind !== 'bad-image' && kind !== 'failed') return;
      metrics.attempts.inc({ outcome: kind });
      if (kind !== 'classified') return;
      metrics.phases.observe({ phase: 'decode' }, outcome.decodeMs / 1000);
      metrics.phases.observe({ phase: 'infer' }, outcome.inferMs / 1000);
      span?.set({
        'labelfleet.decode_ms': outcome.decodeMs,
        'labelfleet.infer_ms': outcome.inferMs,
      });
    },
    ended(outcome) {
      metrics.deliveries.inc({ outcome });
      span?.set({ 'labelfleet.outcome': outcome });
      span?.end(outcome === 'completed' ? undefined : new Error(`The request was ${outcome}.`));
    },
  };
}

const CALLS: ReadonlySet<Step> = new Set([
  'find-result',
  'read-attempts',
  'fetch',
  'record-attempt',
  'withdraw-attempt',
  'store',
  'notify',
  'delete',
]);

function spanOf(step: Step, replyTo: string | undefined): { name: string } & SpanOptions {
  if (step === 'reply' && replyTo !== undefined) {
    const destination = { url: replyTo, isTemporary: true };
    return {
      name: messagingSpanName('send', destination),
      kind: 'producer',
      attributes: messagingAttributes('send', destination),
    };
  }
  return { name: step, kind: CALLS.has(step) ? 'client' : 'internal' };
}
