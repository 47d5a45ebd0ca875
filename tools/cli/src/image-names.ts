/** Matches the names of the files that are read as images when a folder is given. */
export const IMAGE_NAME = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;

/** The endings that IMAGE_NAME matches, for error texts. */
export const IMAGE_ENDINGS = '.jpg, .jpeg, .png, .webp, .gif, .avif, .tif, .tiff';

/** Sorts `test_2` before `test_10`. */
export const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
