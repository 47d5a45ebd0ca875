import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { problemSchema } from '../result/problem-types.ts';

/** The most images of a page: as many keys as S3 lists in one call. */
export const MAX_PAGE_IMAGES = 1_000;
/** The longest id of an image: as long as a key may be. */
export const MAX_IMAGE_ID_CHARS = 1_024;
/** The most images of a chunk. */
export const MAX_CHUNK_IMAGES = 100;

/** One image of a job, or a line of its manifest that names none. */
export const pageImageSchema = z.union([
  z.object({
    bucket: z.string().optional(),
    key: z.string().min(1).max(1024),
    bytes: z.int().min(0).optional(),
    /** The caller's own id for the image. */
    id: z.string().max(MAX_IMAGE_ID_CHARS).optional(),
  }),
  z.object({
    /** Number of the line, from 1. */
    line: z.int().min(1),
    problem: problemSchema,
  }),
]);
export type PageImage = z.infer<typeof pageImageSchema>;

/** A position in the source of a job, from which on it is not listed yet: after a key, or at a byte of the manifest. */
export const sourcePositionSchema = z.union([
  z.object({ afterKey: z.string() }),
  z.object({
    atByte: z.int().min(0),
    /** Number of the line at that byte, from 1. */
    line: z.int().min(1),
    /** True: that byte is within a line that was too long. What is left of the line is skipped. */
    withinLine: z.literal(true).optional(),
  }),
]);
export type SourcePosition = z.infer<typeof sourcePositionSchema>;

/**
 * A page of a job: images that were listed together. Stored as `jobs/<id>/pages/<n>.json` in the state bucket, written
 * once. Its chunks are its images in order, `chunkImages` to a chunk. A page without images is no end of the source.
 */
export const jobPageSchema = z.object({
  v: z.literal(1),
  page: z.int().min(0),
  images: z.array(pageImageSchema).max(MAX_PAGE_IMAGES),
  chunkImages: z.int().min(1).max(MAX_CHUNK_IMAGES),
  /** Where the next page begins. Null: this is the last page. */
  next: sourcePositionSchema.nullable(),
  /** True: the job was stopped before this page, which has no images, and the rest of the source is not listed. */
  cut: z.literal(true).optional(),
  /** All images up to the end of this page, and the bytes of those whose size the source names. */
  listed: z.object({ images: z.int().min(0), bytes: z.int().min(0) }),
});
export type JobPage = z.infer<typeof jobPageSchema>;

export const decodeJobPage = (text: string): Decoded<JobPage> => decodeJson(jobPageSchema, text);
export const encodeJobPage = (page: JobPage): string => JSON.stringify(page);
export const jobPageCodec = { decode: decodeJobPage, encode: encodeJobPage };

/** How many chunks a page has; a page without images has none. */
export const chunksOf = ({
  images,
  chunkImages,
}: Pick<JobPage, 'images' | 'chunkImages'>): number => Math.ceil(images.length / chunkImages);

/** The images of a chunk, in order. */
export const imagesOfChunk = ({ images, chunkImages }: JobPage, chunk: number): PageImage[] =>
  images.slice(chunk * chunkImages, (chunk + 1) * chunkImages);
