import * as z from 'zod';
import { calibrationSchema } from './calibration.ts';
import { modelIdentitySchema } from '../result/classification.ts';
import { decodeJson, type Decoded } from '../decoded.ts';
import { LATEST_MODEL_KEY, modelDescriptionKey } from '../object-keys.ts';

const share = z.number().min(0).max(1);

/** Measured on held-out images of the model's own classes. */
export const accuracySchema = z.object({
  images: z.int().min(1),
  /** The share of images whose class is the first label, and one of the first five. */
  top1: share,
  top5: share,
});

/** What a model knows, published in the state bucket and served as `GET /v1/models`. */
export const modelDescriptionSchema = z.object({
  v: z.literal(1),
  ...modelIdentitySchema.shape,
  /** In class order. */
  labels: z.array(z.string()),
  /** Absent: it was not measured. */
  accuracy: accuracySchema.optional(),
  /** Absent: `minPrecision` cannot be applied. */
  calibration: calibrationSchema.optional(),
});
export type ModelDescription = z.infer<typeof modelDescriptionSchema>;

/** State bucket: where a worker stores the description of its model when it starts. */
export const modelDescriptionKeys = ({ sha256 }: Pick<ModelDescription, 'sha256'>) => [
  modelDescriptionKey(sha256),
  LATEST_MODEL_KEY,
];

export const modelDescriptionCodec = {
  decode: (text: string): Decoded<ModelDescription> => decodeJson(modelDescriptionSchema, text),
  encode: (description: ModelDescription): string => JSON.stringify(description),
};
