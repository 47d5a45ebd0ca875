import type { DeliveryOrder } from './delivery-order.ts';
import { LazyHeap } from './lazy-heap.ts';
import type { Message } from '../message/message.ts';

/** Delivers the oldest message first, which is stricter than a standard queue guarantees. */
export class StandardOrder implements DeliveryOrder {
  readonly #visible = new LazyHeap<Message>(
    (a, b) => a.sequence < b.sequence,
    (message) => message.state === 'visible',
  );

  added(): void {}

  visible(message: Message): void {
    this.#visible.push(message);
  }

  removed(): void {}

  take(max: number, deliver: (message: Message) => boolean): void {
    for (let taken = 0; taken < max;) {
      const message = this.#visible.pop();
      if (message === undefined) return;
      if (deliver(message)) taken += 1;
    }
  }
}
