import * as z from 'zod';

import type { ClientGone } from '../../client-gone.ts';
import { parseInput } from '../../parse-input.ts';
import type { Message } from '../message/message.ts';
import type { Queue } from '../queue/queue.ts';
import type { Queues } from '../queues.ts';

export interface ActionContext {
  readonly queues: Queues;
  /** Only for a call that waits, because it costs as much CPU as a short call. */
  readonly watchClient: () => ClientGone;
  /** Resolves when the changes are persisted. */
  readonly committed: () => Promise<void> | undefined;
  /** Called with the messages that are about to be sent to the client. */
  readonly onDelivery: (queue: Queue, messages: readonly Message[]) => void;
}

export type Action = (input: unknown, context: ActionContext) => object | Promise<object>;

/** Defines an action that checks its input and refuses parameters that the shape does not name. */
export function action<S extends z.ZodRawShape>(
  name: string,
  shape: S,
  run: (
    input: z.output<z.ZodObject<S, z.core.$strict>>,
    context: ActionContext,
  ) => object | Promise<object>,
): [string, Action] {
  const schema = z.strictObject(shape);
  return [name, (input, context) => run(parseInput(name, schema, input), context)];
}

const ofQueue = { QueueUrl: z.string() };
const queueNamed = z.object(ofQueue);

/** Defines an action on the queue of its QueueUrl. */
export function queueAction<S extends z.ZodRawShape>(
  name: string,
  shape: S,
  run: (
    queue: Queue,
    input: z.output<z.ZodObject<S & typeof ofQueue, z.core.$strict>>,
    context: ActionContext,
  ) => object | Promise<object>,
): [string, Action] {
  const schema = z.strictObject<S & typeof ofQueue>({ ...shape, ...ofQueue });
  return [
    name,
    (input, context) => {
      // The queue must exist before any other parameter is checked.
      const { QueueUrl } = parseInput(name, queueNamed, input);
      const queue = context.queues.byUrl(QueueUrl);
      return run(queue, parseInput(name, schema, input), context);
    },
  ];
}

/** An integer in the documented range. */
export const within = (min: number, max: number) =>
  z.int().refine((value) => value >= min && value <= max, `Must be between ${min} and ${max}.`);

export const stringMap = z.record(z.string(), z.string());
