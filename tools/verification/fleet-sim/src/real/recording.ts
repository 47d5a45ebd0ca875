import { decodeJson, type Decoded } from '@labelfleet/contracts';
import * as z from 'zod';

const seconds = z.number().min(0);

const schema = z.strictObject({
  name: z.string(),
  /** What is counted ends here. Times are seconds since the recording began. */
  windowSeconds: z.number().positive(),
  /** The product's settings. */
  slots: z.int().min(1),
  threads: z.int().min(1),
  pollSeconds: z.number().positive(),
  maxWorkers: z.int().min(1),
  tickSeconds: z.number().positive(),
  /** One or more, in the order they were offered. */
  images: z
    .array(
      z.strictObject({
        offeredAt: seconds,
        /** Until the caller had the label. */
        waitSeconds: seconds,
        /** Decoding and the model. */
        serviceSeconds: seconds,
        /** From the offer until the gateway had taken the upload. */
        entrySeconds: seconds,
        /** What a slot was held for beyond that: fetch the image, store and send the answer. */
        overheadSeconds: seconds,
      }),
    )
    .min(1),
  /** From the launch to the order to terminate; null: not ordered within the window. */
  instances: z.array(z.strictObject({ launchedAt: seconds, endedAt: seconds.nullable() })),
  /** Of each launch, until its worker could take work. */
  bootSeconds: z.array(seconds).min(1),
});

/** A run of the real product: all that a prediction needs, and all that it is held against. */
export type Recording = z.infer<typeof schema>;

export const decodeRecording = (text: string): Decoded<Recording> => decodeJson(schema, text);
