import { decodeJson, type Decoded } from '@labelfleet/contracts';
import * as z from 'zod';

const seconds = z.number().min(0);

const schema = z.strictObject({
  name: z.string(),
  /** The end of the window that is counted, in seconds since the recording began, as all times are. */
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
        /** Until the caller got the label. */
        waitSeconds: seconds,
        /** Decoding and the model. */
        serviceSeconds: seconds,
        /** From the offer until the gateway had received the upload. */
        entrySeconds: seconds,
        /** Seconds of a slot beyond the service: fetch the image, store the result, send the reply. */
        overheadSeconds: seconds,
      }),
    )
    .min(1),
  /** From the launch to the TerminateInstances call; null: none within the window. */
  instances: z.array(z.strictObject({ launchedAt: seconds, endedAt: seconds.nullable() })),
  /** Seconds of each launch until its worker was ready. */
  bootSeconds: z.array(seconds).min(1),
});

/** A run of the real product: the inputs of a prediction and the measured values to compare it with. */
export type Recording = z.infer<typeof schema>;

export const decodeRecording = (text: string): Decoded<Recording> => decodeJson(schema, text);
