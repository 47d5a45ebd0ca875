import {
  customIdSchema,
  MAX_BATCH_IMAGES,
  MAX_GATHERED,
  requestIdSchema,
  type RequestOptions,
} from '@labelfleet/contracts';
import * as z from 'zod';
import { referenceSchema } from '../accept/read-image.ts';
import { refuse, type Refusal } from '../http/problem.ts';
import { tooManyImages } from '../upload/batch-form.ts';

/** The JSON body of a batch: references to images, or the ids of classifications to gather. */
export const batchListSchema = z.union([
  z.strictObject({
    images: z.array(
      z.union([
        referenceSchema,
        z.strictObject({ image: referenceSchema, customId: customIdSchema.optional() }),
      ]),
    ),
  }),
  z.strictObject({
    classifications: z
      .array(requestIdSchema)
      .refine((ids) => new Set(ids).size === ids.length, 'must name each classification once'),
  }),
]);
export type BatchList = z.infer<typeof batchListSchema>;

/** Refuses a list that is empty or too long, and one whose requests would not send the batch's webhook. */
export function refuseList(
  list: BatchList,
  { notify }: Pick<RequestOptions, 'notify'>,
): Refusal | undefined {
  if ('classifications' in list && notify !== undefined)
    return refuse(
      'invalid-parameter',
      'A batch of earlier requests sends no webhook. Leave Notify out; send it with the images.',
    );
  const [items, max] =
    'images' in list ? [list.images, MAX_BATCH_IMAGES] : [list.classifications, MAX_GATHERED];
  if (items.length === 0) return refuse('missing-image', 'The list is empty. Name an image.');
  return items.length > max ? tooManyImages(max) : undefined;
}
