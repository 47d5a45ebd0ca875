import type { Message } from './message.ts';

/** Which visible message is delivered next: the one thing in which standard and FIFO queues differ. */
export interface DeliveryOrder {
  /** The message has entered the queue, in whatever state. */
  added(message: Message): void;
  /** The message has become visible, at its send or again. */
  visible(message: Message): void;
  /** The message has left the queue. */
  removed(message: Message): void;
  /**
   * Offers visible messages in order until `max` have been delivered or none is left. `deliver` takes the
   * message (true) or has moved it out of the queue (false).
   */
  take(max: number, deliver: (message: Message) => boolean): void;
}
