import type { DeliveryOrder } from './delivery-order.ts';
import { LazyHeap } from './lazy-heap.ts';
import type { Message } from '../message/message.ts';

/**
 * Orders messages within groups. While a message of a group is in flight, no later message of the group is delivered.
 * One receive may take several messages of a group, and continues with the next group after the last.
 */
export class FifoOrder implements DeliveryOrder {
  readonly #groups = new Map<string, Message[]>();
  readonly #ready = new LazyHeap<{ head: Message; group: Message[] }>(
    (a, b) => a.head.sequence < b.head.sequence,
    ({ head, group }) => group[0] === head && isReady(group),
  );

  added(message: Message): void {
    const group = this.#groups.get(message.groupId ?? '');
    if (group === undefined) this.#groups.set(message.groupId ?? '', [message]);
    else group.push(message);
  }

  visible(message: Message): void {
    this.#offer(this.#groups.get(message.groupId ?? ''));
  }

  removed(message: Message): void {
    const group = this.#groups.get(message.groupId ?? '');
    if (group === undefined) return;
    const index = group.indexOf(message);
    if (index >= 0) group.splice(index, 1);
    if (group.length === 0) this.#groups.delete(message.groupId ?? '');
    else this.#offer(group);
  }

  take(max: number, deliver: (message: Message) => boolean): void {
    let taken = 0;
    while (taken < max) {
      const group = this.#ready.pop()?.group;
      if (group === undefined) return;
      let index = 0;
      for (let message = group[0]; message?.state === 'visible'; message = group[index]) {
        if (taken === max) break;
        if (!deliver(message)) continue; // the message was moved, so the next one is now first
        taken += 1;
        index += 1;
      }
    }
  }

  #offer(group: Message[] | undefined): void {
    const head = group?.[0];
    if (group !== undefined && head !== undefined && isReady(group))
      this.#ready.push({ head, group });
  }
}

const isReady = ([head]: readonly Message[]) => head?.state === 'visible';
