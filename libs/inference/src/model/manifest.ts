import { accuracySchema, calibrationSchema, decodeJson, type Decoded } from '@labelfleet/contracts';
import * as z from 'zod';

/**
 * Resampling kernels by sharp's names; all of them average when they reduce. `linear`, `cubic` and `lanczos3` are
 * Pillow's BILINEAR, BICUBIC and LANCZOS.
 */
const kernelSchema = z.enum(['linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3']);
export type Kernel = z.infer<typeof kernelSchema>;

const pixels = z.int().min(1).max(4096);

const resizeSchema = z.discriminatedUnion('mode', [
  /** The shorter side becomes `size`; the longer side keeps the aspect ratio (rounded down, as in torchvision). */
  z.object({ mode: z.literal('shorter-side'), size: pixels, kernel: kernelSchema }),
  /** Both sides become `size`; the aspect ratio is not kept. */
  z.object({ mode: z.literal('stretch'), size: pixels, kernel: kernelSchema }),
  /** The image is used unchanged. */
  z.object({ mode: z.literal('none') }),
]);

const perChannel = z.tuple([z.number(), z.number(), z.number()]);
const perChannelNotZero = perChannel.refine((values) => values.every((value) => value !== 0), {
  message: 'must not be 0: pixels are divided by it',
});

/** The input of a network: value = (pixel * scale - mean) / std for each channel, pixels from 0 to 255. */
export const inputSchema = z.object({
  /** Pixels; null if the network accepts any size. */
  width: pixels.nullable(),
  height: pixels.nullable(),
  layout: z.enum(['NCHW', 'NHWC']),
  channels: z.enum(['RGB', 'BGR']),
  resize: resizeSchema,
  /** `center` crops width x height from the centre of the resized image. */
  crop: z.enum(['center', 'none']),
  scale: z.number(),
  /** `mean` and `std` are in the order of `channels`. */
  mean: perChannel,
  std: perChannelNotZero,
});
export type ModelInput = z.infer<typeof inputSchema>;

const outputSchema = z
  .object({
    kind: z.enum(['logits', 'probabilities']),
    /** The logits are divided by it before the softmax. */
    temperature: z.number().positive().default(1),
  })
  .refine((output) => output.kind === 'logits' || output.temperature === 1, {
    message: 'temperature applies only to logits, but this model gives probabilities',
  });
export type ModelOutput = z.infer<typeof outputSchema>;

const fileName = z.string().regex(/^[\w.-]+$/, 'must be the name of a file in the same directory');

/** `manifest.json` of a model directory: what the model file does not contain. */
const manifestSchema = z.object({
  format: z.literal(1),
  name: z.string().min(1),
  version: z.string().min(1),
  file: fileName,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits in lower case'),
  labels: fileName,
  input: inputSchema.superRefine((input, context) => {
    const message = inputFault(input);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  output: outputSchema,
  /** Both are measured by `npm run model:evaluate`. */
  accuracy: accuracySchema.optional(),
  calibration: calibrationSchema.optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;

export const decodeManifest = (text: string): Decoded<Manifest> => decodeJson(manifestSchema, text);

/** Why resize and crop do not give width x height for every image; undefined if they do. */
export function inputFault({ width, height, resize, crop }: ModelInput): string | undefined {
  const size = `${width ?? 'any'} x ${height ?? 'any'}`;
  if (crop === 'center') {
    if (width === null || height === null) return 'crop "center" needs a width and a height';
    if (resize.mode === 'none')
      return 'crop "center" needs a resize, because an image may be smaller';
    return resize.size < Math.max(width, height)
      ? `crop "center" cannot crop ${size} from an image resized to ${resize.size}`
      : undefined;
  }
  if (resize.mode === 'stretch') {
    const fits = [width, height].every((side) => side === null || side === resize.size);
    return fits ? undefined : `stretching to ${resize.size} does not give ${size}`;
  }
  return width === null && height === null
    ? undefined
    : `resize "${resize.mode}" without a crop gives images of different sizes, not ${size}`;
}
