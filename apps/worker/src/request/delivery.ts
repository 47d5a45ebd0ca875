import type { ReceivedMessage } from '@labelfleet/aws/queue';
import type { RequestMessage } from '@labelfleet/contracts';
import { retryInPlace, type Logger, type Clock } from '@labelfleet/runtime';
import type { RunningMeter } from './cost-meter.ts';

/** How long a call is repeated in place; after that its message is released instead (P5). */
const PATIENCE_MS = 120_000;

/** Keeps a received message invisible to others. */
interface Hold {
  /** True once others may have received the message, by this worker's own monotonic clock (P6). */
  lapsed(): boolean;
  /** Stops extending; resolves when no extension is under way any more. Never rejects. */
  stop(): Promise<void>;
}

/** One receive of a request that this worker has taken up. */
export interface Delivery {
  readonly request: RequestMessage;
  readonly message: ReceivedMessage;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly hold: Hold;
  readonly meter: Pick<RunningMeter, 'cost'>;
  /** Aborted when what is not finished has to be given back. */
  readonly signal: AbortSignal;
  /** Carries the request id. */
  readonly log: Logger;
  /**
   * Makes a call to store or queue, again while its failure may pass and the message is held (P5). Rejects
   * with the call's last error.
   */
  inPlace<T>(step: string, call: () => Promise<T>): Promise<T>;
}

export interface DeliveryDeps {
  hold: (message: ReceivedMessage) => Hold;
  isTransient: (error: unknown) => boolean;
  random: () => number;
  clock: Clock;
  log: Logger;
}

export function takeUp(
  message: ReceivedMessage,
  request: RequestMessage,
  meter: Pick<RunningMeter, 'cost'>,
  signal: AbortSignal,
  deps: DeliveryDeps,
): Delivery {
  const { isTransient, random, clock } = deps;
  const hold = deps.hold(message);
  const log = deps.log.child({
    requestId: request.requestId,
    receiveCount: message.receiveCount,
    ...traceOf(message),
  });
  return {
    request,
    message,
    receivedAt: clock.unixMs(),
    hold,
    meter,
    signal,
    log,
    inPlace: (step, call) =>
      retryInPlace(call, {
        clock,
        random,
        isTransient,
        patienceMs: PATIENCE_MS,
        signal,
        worthwhile: () => !hold.lapsed(),
        onRetry: (error, delayMs) => log.warn({ step, error, delayMs }, 'trying again'),
      }),
  };
}

/** The caller's trace context (W3C), as it travels in message attributes and stands in log lines. */
export function traceOf(message: ReceivedMessage): { traceparent?: string } {
  const { traceparent } = message.attributes;
  return traceparent === undefined ? {} : { traceparent };
}
