import * as z from 'zod';

import { parseInput } from '../../parse-input.ts';
import type { Message } from '../message/message.ts';
import type { Queue } from '../queue/queue.ts';
import type { Queues } from '../queues.ts';

export interface ActionContext {
  readonly queues: Queues;
  /** Aborted when the client disconnects before its response. */
  readonly abandoned: AbortSignal;
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

/** Defines an action on the queue of its QueueUrl. */
export function queueAction<S extends z.ZodRawShape>(
  name: string,
  shape: S,
  run: (
    queue: Queue,
    input: z.output<z.ZodObject<S, z.core.$strict>>,
    context: ActionContext,
  ) => object | Promise<object>,
): [string, Action] {
  const schema = z.looseObject({ QueueUrl: z.string() });
  const rest = z.strictObject(shape);
  return [
    name,
    (input, context) => {
      const { QueueUrl, ...others } = parseInput(name, schema, input);
      const queue = context.queues.byUrl(QueueUrl);
      return run(queue, parseInput(name, rest, others), context);
    },
  ];
}

/** An integer in the documented range. */
export const within = (min: number, max: number) =>
  z.int().refine((value) => value >= min && value <= max, `Must be between ${min} and ${max}.`);

export const stringMap = z.record(z.string(), z.string());
