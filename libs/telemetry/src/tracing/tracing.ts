export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** The W3C trace context of the parent; undefined or invalid: the span begins a trace. */
  parent?: string | undefined;
  /** The trace contexts of spans in other traces, such as those of the messages in a batch. */
  links?: readonly string[];
  attributes?: Attributes;
  /** On `performance.now()`; undefined: now. */
  beganAtMs?: number;
}

export interface Span {
  /** The W3C trace context of this span, as headers and messages carry it. */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  /** Ends the span. Repeated calls do nothing. @param error what failed; undefined: nothing */
  end(error?: unknown): void;
}

/** Records spans and exports those of sampled traces. Disposing of it exports the last ones. */
export interface Tracing extends AsyncDisposable {
  startSpan(name: string, options: SpanOptions): Span;
}

export interface TracingConfig {
  /** The address of an OTLP/HTTP collector, without `/v1/traces`. */
  endpoint: string;
  /** The share of traces that are sampled if the caller has not decided, 0 to 1. */
  sampledShare: number;
  app: 'gateway' | 'worker';
  /** Names this process among those of its app. */
  instance: string;
  onExportFailed: (error: unknown) => void;
}

/**
 * Opens the export of traces.
 * @param config undefined: no traces, and OpenTelemetry is not even loaded
 */
export async function openTracing(config: TracingConfig | undefined): Promise<Tracing | undefined> {
  if (config === undefined) return undefined;
  const { otlpTracing } = await import('./otlp-tracing.ts');
  return otlpTracing(config);
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/;

export interface TraceContext {
  traceId: string;
  spanId: string;
  /** Bit 0: the trace is sampled. */
  traceFlags: number;
}

/** Reads a W3C trace context; undefined if it is none. */
export function readTraceparent(text: string | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

export const isSampled = (traceparent: string | undefined): boolean =>
  ((readTraceparent(traceparent)?.traceFlags ?? 0) & 1) === 1;

/** Runs work in a span, if there are traces. @param work gets the span, so that a message can carry it */
export async function inSpan<T>(
  tracing: Tracing | undefined,
  name: string,
  options: SpanOptions,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = tracing?.startSpan(name, options);
  if (span === undefined) return work(undefined);
  try {
    const value = await work(span);
    span.end();
    return value;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
