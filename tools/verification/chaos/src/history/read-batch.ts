import * as z from 'zod';

const count = z.int().min(0);

const itemSchema = z.looseObject({
  index: z.int().min(0),
  customId: z.string().optional(),
  /** Absent if the image was refused on arrival. */
  id: z.string().optional(),
  status: z.enum(['queued', 'succeeded', 'failed', 'canceled']),
});
/** An image of a batch, as callers see it. */
export type ItemView = z.infer<typeof itemSchema>;

const countsSchema = z.object({
  total: count,
  queued: count,
  succeeded: count,
  failed: count,
  canceled: count,
});

/** A batch without its items: the data of `done`. */
export const batchSummarySchema = z.looseObject({
  id: z.string(),
  status: z.enum(['running', 'completed']),
  counts: countsSchema,
});

export const batchViewSchema = batchSummarySchema.extend({ items: z.array(itemSchema) });
export type BatchView = z.infer<typeof batchViewSchema>;

/** The lines of a batch's results. */
export const resultLinesSchema = z.array(itemSchema);

export const readItem = (body: unknown): ItemView | undefined => itemSchema.safeParse(body).data;
