import type { Message } from '../message/message.ts';

/** Decides which visible message is delivered next. Only this differs between standard and FIFO queues. */
export interface DeliveryOrder {
  /** A message has entered the queue, in any state. */
  added(message: Message): void;
  /** A message has become visible, at its send or later. */
  visible(message: Message): void;
  /** A message has left the queue. */
  removed(message: Message): void;
  /**
   * Offers visible messages in order until `max` are delivered or none is left. `deliver` returns true if it delivered the
   * message, and false if it moved the message out of the queue.
   */
  take(max: number, deliver: (message: Message) => boolean): void;
}
