import {
  canceledResultSchema,
  failedResultSchema,
  fleetSnapshotSchema,
  jobEstimateSchema,
  jobViewSchema,
  modelDescriptionSchema,
  modelIdentitySchema,
  predictionSchema,
  problemSchema,
  requestIdSchema,
  requestOptionsSchema,
  succeededResultSchema,
} from '@labelfleet/contracts';
import * as z from 'zod';
import { imageReferenceSchema } from '../accept/read-image.ts';
import { batchListSchema } from '../batches/batch-list.ts';
import { jobRequestSchema } from '../jobs/create/job-request.ts';

const internal = { v: true, caller: true } as const;
const links = z.object({ self: z.string() });

const estimate = {
  aheadApproximately: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'About how many requests are ahead. Absent if nothing is known.' }),
  estimatedWait: z
    .object({
      lowSeconds: z.int().min(0),
      highSeconds: z
        .int()
        .min(1)
        .nullable()
        .meta({ description: 'Null while nobody can say, as when a boot takes unusually long.' }),
      basis: z.string().meta({ description: 'What the range rests on, in a sentence or two.' }),
    })
    .optional(),
};

const queuedSchema = z.object({
  id: requestIdSchema,
  status: z.literal('queued'),
  fileName: requestOptionsSchema.shape.fileName,
  submittedAt: z.iso.datetime(),
  ...estimate,
  links,
});

const succeededSchema = succeededResultSchema.omit(internal).extend({ links });
const failedSchema = failedResultSchema.omit(internal).extend({ links });
const canceledSchema = canceledResultSchema.omit(internal).extend({ links });

const classificationSchema = z.discriminatedUnion('status', [
  queuedSchema,
  succeededSchema,
  failedSchema,
  canceledSchema,
]);

const place = {
  index: z.int().min(0),
  customId: z.string().optional().meta({ description: "The caller's own id of the image." }),
};

/** An image that was refused on arrival has no id. */
const refusedItemSchema = z.object({
  ...place,
  status: z.literal('failed'),
  fileName: requestOptionsSchema.shape.fileName,
  problem: problemSchema,
});

const batchItemSchema = z.union([
  queuedSchema.extend(place),
  succeededSchema.extend(place),
  failedSchema.extend(place),
  canceledSchema.extend(place),
  refusedItemSchema,
]);

const count = z.int().min(0);

const batchSchema = z.object({
  id: requestIdSchema,
  status: z.enum(['running', 'completed']),
  submittedAt: z.iso.datetime(),
  completedAt: z.iso.datetime().optional(),
  counts: z.object({
    total: count,
    queued: count,
    succeeded: count,
    failed: count,
    canceled: count,
  }),
  ...estimate,
  items: z.array(batchItemSchema),
  links: z.object({ self: z.string(), events: z.string(), results: z.string() }),
});

const fleetSchema = fleetSnapshotSchema.omit({ v: true }).extend({
  stale: z.boolean().meta({ description: 'True if the scaler has not published for too long.' }),
});

const modelsSchema = z.object({ models: z.array(modelDescriptionSchema.omit({ v: true })) });

const jobsSchema = z.object({
  jobs: z.array(jobViewSchema),
  links: z.object({
    next: z.string().optional().meta({ description: 'Older jobs; absent if there are none.' }),
  }),
});

/** The bodies that responses and requests refer to by name. */
export const COMPONENTS = z.registry<{ id: string; description?: string }>();
const add = (id: string, schema: z.ZodType, description: string) =>
  COMPONENTS.add(schema, { id, description });

add('Problem', problemSchema, 'A problem document (RFC 9457). `type` ends in the code.');
add('Prediction', predictionSchema, 'A class and its probability.');
add('Model', modelIdentitySchema, 'The model that classified an image.');
add('Classification', classificationSchema, 'A request, and its result once it is completed.');
add('BatchItem', batchItemSchema, 'One image of a batch.');
add('Batch', batchSchema, 'Several requests.');
add('JobRequest', jobRequestSchema, 'What to classify.');
add('JobEstimate', jobEstimateSchema, 'What a job costs and how long it takes.');
add('Job', jobViewSchema, 'A job, and how far it is.');
add('Jobs', jobsSchema, 'The jobs of a caller, the newest first.');
add('Models', modelsSchema, 'What the models of the fleet know.');
add('Fleet', fleetSchema, 'What the scaler last published.');

/** How a form sends an image. The name of the field does not matter. */
add(
  'ImageForm',
  z.object({ myfile: z.string().meta({ format: 'binary' }) }).loose(),
  'A form with one image. The name of its field does not matter.',
);
add(
  'BatchForm',
  z.object({ image: z.string().meta({ format: 'binary' }) }).loose(),
  'A form with images. A field name that only one file has becomes its `customId`.',
);
add('ImageReference', imageReferenceSchema, 'An image in a bucket.');
add(
  'BatchList',
  batchListSchema,
  'References to images in buckets, or requests that were accepted one at a time.',
);
add(
  'Health',
  z.object({ status: z.literal('alive'), version: z.string() }),
  'The process is alive.',
);
add(
  'Readiness',
  z.object({ status: z.literal('ready'), warnings: z.array(z.string()).optional() }),
  'What is wrong although requests are taken, in sentences.',
);
