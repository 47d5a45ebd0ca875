import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type SpanContext,
  type Span as OtelSpan,
} from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { readTraceparent, type Span, type Tracing, type TracingConfig } from './tracing.ts';

/** A collector that does not answer delays the end of the process by this time at most. */
const EXPORT_LIMIT_MS = 2_000;

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/** Exports spans by OTLP/HTTP in JSON, in batches every 5 s. A full queue drops spans; it never delays a request. */
export function otlpTracing(config: TracingConfig): Tracing {
  setGlobalErrorHandler(config.onExportFailed);
  const exporter = new OTLPTraceExporter({
    url: `${config.endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_LIMIT_MS,
  });
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.namespace': 'labelfleet',
        'service.name': `labelfleet-${config.app}`,
        'service.instance.id': config.instance,
      }),
    ),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.sampledShare) }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('labelfleet');
  return {
    startSpan(name, { kind, parent, links = [], attributes = {}, beganAtMs }) {
      const from = remote(parent);
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          attributes,
          links: links.flatMap((link) => {
            const context = remote(link);
            return context === undefined ? [] : [{ context }];
          }),
          ...(beganAtMs !== undefined && { startTime: performance.timeOrigin + beganAtMs }),
        },
        from === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, from),
      );
      return toSpan(span);
    },
    [Symbol.asyncDispose]: () => provider.shutdown().catch(config.onExportFailed),
  };
}

function remote(traceparent: string | undefined): SpanContext | undefined {
  const context = readTraceparent(traceparent);
  return context && { ...context, isRemote: true };
}

function toSpan(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  let isOpen = true;
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    set: (attributes) => void span.setAttributes(attributes),
    end(error) {
      if (!isOpen) return;
      isOpen = false;
      if (error !== undefined) {
        const { name, message } = error instanceof Error ? error : new Error('failed');
        span.setStatus({ code: SpanStatusCode.ERROR, message });
        span.setAttribute('error.type', name);
      }
      span.end();
    },
  };
}
