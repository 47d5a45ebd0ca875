/**
 * The types of picture that are taken, at the door and by whoever decodes, by what a file's own bytes say.
 * An animated PNG is a PNG of which the first frame is taken.
 */
export const IMAGE_MEDIA_TYPES: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
]);
