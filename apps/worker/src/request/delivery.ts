import type { ReceivedMessage } from '@labelfleet/aws/queue';
import type { RequestMessage } from '@labelfleet/contracts';
import { retryInPlace, type Clock, type Logger } from '@labelfleet/runtime';
import { readTraceparent, type Step } from '@labelfleet/telemetry';
import type { RunningMeter } from './cost-meter.ts';
import {
  observeDelivery,
  type DeliveryTelemetry,
  type TelemetryDeps,
} from './delivery-telemetry.ts';

/** How long a failing call is repeated before the message is released instead (P5). */
const PATIENCE_MS = 120_000;

/** Keeps a received message invisible to other workers. */
interface VisibilityExtension {
  /** True once other workers may have received the message, by this worker's monotonic clock (P6). */
  lapsed(): boolean;
  /** Stops extending; resolves when no extension is under way any more. Never rejects. */
  stop(): Promise<void>;
}

/** A delivery of a request that this worker handles. */
export interface Delivery {
  readonly request: RequestMessage;
  readonly message: ReceivedMessage;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly extension: VisibilityExtension;
  readonly meter: Pick<RunningMeter, 'cost'>;
  /** Gives the slot back: the request is completed, and nobody waits for what follows. Repeated calls do nothing. */
  readonly freeSlot: () => void;
  /** Aborted when the message has to be released, finished or not. */
  readonly signal: AbortSignal;
  /** Carries the request id. */
  readonly log: Logger;
  readonly telemetry: DeliveryTelemetry;
  /**
   * Makes a call to store or queue, and repeats it while its failure may pass and the visibility has not
   * lapsed (P5). Rejects with the call's last error.
   * @param call gets the trace context for a message that it sends
   */
  inPlace<T>(step: Step, call: (traceparent: string | undefined) => Promise<T>): Promise<T>;
}

export interface DeliveryEnds {
  /** Aborted when what is not finished has to be released. */
  signal: AbortSignal;
  /** Called when the result is stored and replied. */
  onCompleted: () => void;
}

export interface DeliveryDeps extends TelemetryDeps {
  extendVisibility: (message: ReceivedMessage) => VisibilityExtension;
  isTransient: (error: unknown) => boolean;
  random: () => number;
  clock: Clock;
  log: Logger;
}

/** Starts to extend the visibility of the message. */
export function beginDelivery(
  message: ReceivedMessage,
  request: RequestMessage,
  { slot, meter, signal, onCompleted }: DeliveryEnds & { slot: Disposable; meter: RunningMeter },
  deps: DeliveryDeps,
): Delivery {
  const { isTransient, random, clock } = deps;
  const extension = deps.extendVisibility(message);
  const telemetry = observeDelivery(deps, message, request);
  const log = deps.log.child({
    requestId: request.requestId,
    receiveCount: message.receiveCount,
    ...traceIdOf(message),
  });
  return {
    request,
    message,
    receivedAt: clock.unixMs(),
    extension,
    meter,
    freeSlot: () => {
      slot[Symbol.dispose]();
      meter[Symbol.dispose]();
      onCompleted();
    },
    signal,
    log,
    telemetry,
    inPlace: (step, call) =>
      telemetry.step(step, (traceparent) =>
        retryInPlace(() => call(traceparent), {
          clock,
          random,
          isTransient,
          patienceMs: PATIENCE_MS,
          signal,
          worthwhile: () => !extension.lapsed(),
          onRetry: (error, delayMs) =>
            log.warn({ event: 'call.failed', step, error, delayMs }, 'call failed, repeating it'),
        }),
      ),
  };
}

/** The id of the request's trace, for log lines. */
function traceIdOf({ attributes: { traceparent } }: ReceivedMessage): { traceId?: string } {
  const context = readTraceparent(traceparent);
  return context === undefined ? {} : { traceId: context.traceId };
}
